"""Unpacks gzip, bzip2 and xz a piece at a time, as far as it is read: what a bomb holds is never made."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Any

from grader.intake_copy import Unreadable
from grader.intake_tree import ANEW

_PIECE = 1 << 16
_MOST_STREAMS = 1000
"""Compressed streams one after the other in a file; packers that use every core make hundreds."""

_XZ_MEMORY = 128 << 20
"""Bytes; twice what the strongest setting of xz needs."""


class _Gzip:
    """A gzip stream, with the interface that the other two have."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, most: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, most)


_FORMATS: dict[bytes, tuple[Callable[[], Any], tuple[type[Exception], ...]]] = {
    b"\x1f\x8b": (_Gzip, (zlib.error,)),
    b"BZh": (bz2.BZ2Decompressor, (OSError, ValueError)),
    b"\xfd7zXZ\x00": (lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY), (lzma.LZMAError,)),
}
"""By how they begin: what unpacks one stream, and what it raises."""


def is_compressed(data: bytes) -> bool:
    """Whether it begins as one of the formats does."""
    return data.startswith(tuple(_FORMATS))


def pieces(data: bytes) -> Iterator[bytes]:
    """The content of `data`, unpacked if it is compressed, in pieces of 64 KiB at most.

    Raises:
        Unreadable: it is damaged, cut off, or something else follows.
    """
    for mark, (make, errors) in _FORMATS.items():
        if data.startswith(mark):
            return _unpacked(data, mark, make, errors)
    return (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))


def _unpacked(
    data: bytes, mark: bytes, make: Callable[[], Any], errors: tuple[type[Exception], ...]
) -> Iterator[bytes]:
    """The content of all streams, one after the other; zeros may pad their end."""
    at = 0
    for _ in range(_MOST_STREAMS):
        try:
            at = yield from _stream(data, at, make())
        except errors:
            raise Unreadable(f"it is damaged and cannot be unpacked; {ANEW}") from None
        if not data.startswith(mark, at):
            if data.count(0, at) != len(data) - at:
                raise Unreadable(f"something else follows after its end; {ANEW}")
            return
    raise Unreadable(f"it is made of more than {_MOST_STREAMS:,} compressed streams; {ANEW}")


def _stream(data: bytes, at: int, unpacker: Any) -> Generator[bytes, None, int]:
    """The content of one stream; gives where it ends.

    Fed in pieces, too: what follows a stream is copied each time one ends.
    """
    while not unpacker.eof:
        given = b""
        if unpacker.needs_input:
            given = data[at : at + _PIECE]
            at += len(given)
            if not given:
                raise Unreadable(f"it is cut off; {ANEW}")
        if found := unpacker.decompress(given, _PIECE):
            yield found
    return at - len(unpacker.unused_data)
