"""The sealed file: files of a course, encrypted and authenticated, that may lie in a public place.

    threadlab-sealed\\n | length of the header, 4 bytes | header, JSON | ciphertext

The cipher is AES-SIV (RFC 5297) of the package `cryptography`: it authenticates the header with the content, and
as it needs no nonce the same course sealed twice with the same key is the same file. The content is compressed
MessagePack.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

import msgspec
from packaging.version import InvalidVersion, Version

import grader
from grader.release import ReleaseError
from grader.release.contents import Files

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

MAGIC = b"threadlab-sealed\n"
FORM = 1
_LENGTH = 4
_LONGEST_HEADER = 65_536
_LARGEST_CONTENT = 256 << 20
_TAG = 16


class Header(msgspec.Struct, frozen=True):
    """What anybody may read of a sealed file; authenticated with the rest."""

    form: int
    grader: str
    """The version that sealed it: an older one may not have what the tests use."""
    key: str
    """Which key it was: a fingerprint."""
    title: str
    pack: str
    """Digest of the course, as results give it."""
    size: int
    """Bytes of the ciphertext."""


def seal(files: Files, title: str, pack: str, key: bytes) -> bytes:
    """The sealed file.

    Args:
        files: what to hide.
        title: of the course.
        pack: its digest.
        key: 32 bytes.

    Raises:
        ReleaseError: the package `cryptography` is missing.
    """
    packed = msgspec.msgpack.encode(dict(sorted(files.items())))
    if len(packed) > _LARGEST_CONTENT:
        raise ReleaseError(f"the course has {len(packed):,} bytes; at most {_LARGEST_CONTENT:,} can be sealed")
    content = zlib.compress(packed, 9)
    header = Header(FORM, grader.__version__, fingerprint(key), title, pack, len(content) + _TAG)
    front = _front(msgspec.json.encode(header))
    return front + _cipher(key).encrypt(content, [front])


def unseal(data: bytes, key: bytes) -> tuple[Header, Files]:
    """What was sealed.

    Raises:
        ReleaseError: it is no sealed file, was cut short or changed, was sealed with another key or by a newer grader.
    """
    header, front = read_header(data)
    sealed = data[len(front) :]
    if len(sealed) != header.size:
        what = "is cut short" if len(sealed) < header.size else "has something added at its end"
        raise ReleaseError(f"{what}: {len(data):,} bytes instead of {len(front) + header.size:,}; fetch it again")
    if header.key != fingerprint(key):
        raise ReleaseError(f"was sealed with the key {header.key}; the one given is {fingerprint(key)}")
    content = _decrypt(key, sealed, front)
    files = msgspec.msgpack.decode(zlib.decompressobj().decompress(content, _LARGEST_CONTENT), type=dict[str, bytes])
    return header, files


def read_header(data: bytes) -> tuple[Header, bytes]:
    """The header, and the bytes of the file up to the ciphertext.

    Raises:
        ReleaseError: it is no sealed file, or needs another grader.
    """
    if not data.startswith(MAGIC):
        raise ReleaseError("is not a sealed file; `grade seal` makes one")
    start = len(MAGIC) + _LENGTH
    length = int.from_bytes(data[len(MAGIC) : start], "big")
    text = data[start : start + length]
    if length > _LONGEST_HEADER or len(data) < start:
        raise ReleaseError("was changed since it was sealed; fetch it again")
    if len(text) < length:
        raise ReleaseError("is cut short; fetch it again")
    return _parse(text), data[: start + length]


def fingerprint(key: bytes) -> str:
    """A name for a key that tells nothing of it."""
    return hashlib.blake2b(b"threadlab key", key=key, digest_size=6).hexdigest()


def _front(header: bytes) -> bytes:
    return MAGIC + len(header).to_bytes(_LENGTH, "big") + header


def _parse(text: bytes) -> Header:
    try:
        form = msgspec.json.decode(text)["form"]
        if form != FORM:
            raise ReleaseError(
                f"has the form {form}; this grader ({grader.__version__}) reads {FORM}: update threadlab"
            )
        header = msgspec.json.decode(text, type=Header)
        needed = Version(header.grader)
    except (msgspec.MsgspecError, InvalidVersion, TypeError, KeyError, RecursionError, UnicodeDecodeError):
        raise ReleaseError("was changed since it was sealed; fetch it again") from None
    if Version(grader.__version__) < needed:
        raise ReleaseError(f"needs threadlab {needed} or newer, and this is {grader.__version__}; update threadlab")
    return header


def _decrypt(key: bytes, sealed: bytes, front: bytes) -> bytes:
    cipher = _cipher(key)
    from cryptography.exceptions import InvalidTag

    try:
        return cipher.decrypt(sealed, [front])
    except InvalidTag:
        raise ReleaseError("was changed since it was sealed; fetch it again, or seal it anew") from None


def _cipher(key: bytes) -> AESSIV:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    except ImportError:
        raise ReleaseError("sealed tests need the package cryptography: pip install 'threadlab[seal]'") from None
    return AESSIV(key)
