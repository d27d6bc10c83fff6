"""The key of sealed tests: made, read from the environment or a file, and taken out of sight.

A key is 32 random bytes, written as base64 (with either alphabet) or in hexadecimal digits.
"""

from __future__ import annotations

import base64
import binascii
import ctypes
import os
import secrets
import sys
from pathlib import Path

from grader.release import ReleaseError

VARIABLE = "THREADLAB_SEAL_KEY"
_BYTES = 32
_PR_SET_DUMPABLE = 4
_HOW = f"set {VARIABLE}, or give --key-file FILE"


def new_key_file(file: Path) -> bytes:
    """Makes a key and writes it into a new file that only its owner may read.

    Raises:
        ReleaseError: the file is there already, or cannot be written.
    """
    key = secrets.token_bytes(_BYTES)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ReleaseError(f"{file} is there already; a key is never overwritten: name another file") from None
    except OSError as error:
        raise ReleaseError(f"{file} cannot be written: {error.strerror}") from None
    with open(descriptor, "wb") as stream:
        stream.write(base64.urlsafe_b64encode(key) + b"\n")
    return key


def take_key(file: Path | None) -> bytes:
    """The key from `file`, else from the environment; afterwards no child process and no neighbour can find it.

    Raises:
        ReleaseError: there is none, or what is there is no key.
    """
    given = os.environ.get(VARIABLE, "")
    hide_key()
    if file is not None:
        return _parse(_read(file), str(file))
    if not given.strip():
        raise ReleaseError(f"there is no key: {_HOW}")
    return _parse(given, VARIABLE)


def hide_key() -> None:
    """Wipes the key from the environment, and from what the kernel shows of this process (`/proc/PID/environ`)."""
    libc = ctypes.CDLL(None)
    libc.getenv.restype = ctypes.c_void_p
    place = libc.getenv(VARIABLE.encode())
    if place:
        ctypes.memset(place, 0, len(ctypes.string_at(place)))
    os.environ.pop(VARIABLE, None)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody traces us or reads our memory


def _read(file: Path) -> str:
    try:
        return file.read_bytes()[:1000].decode("ascii")
    except UnicodeDecodeError:
        raise ReleaseError(f"{file} holds no key; `grade seal OUT --new-key FILE` makes one") from None
    except OSError as error:
        raise ReleaseError(f"the key file {file} cannot be read: {error.strerror}; {_HOW}") from None


def _parse(text: str, where: str) -> bytes:
    text = text.strip()
    try:
        if len(text) == 2 * _BYTES:
            return bytes.fromhex(text)
        padded = text.rstrip("=").translate(str.maketrans("-_", "+/"))
        key = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _BYTES:
        raise ReleaseError(f"{where} holds no key (32 bytes as base64); `grade seal OUT --new-key FILE` makes one")
    return key
