"""Reads tar archives, compressed or not, strictly: one pass, nothing believed that has not been read.

By hand, since what `tarfile` does with hostile headers depends on the interpreter's patch level. The formats are ustar
and pax (POSIX.1-2017, `pax`), and GNU's long names; of what they can hold, files and folders are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.intake_copy import FILE, LINK, Unreadable
from grader.intake_gather import Limits
from grader.intake_names import shown
from grader.intake_tree import ANEW, LEAVE_OUT, Branch, TreeBuilder, text_of
from grader.intake_unpack import is_compressed, pieces

_BLOCK, _PIECE = 512, 1 << 16
_MOST_EXTENDED = 1 << 20
"""Bytes of one extended header; macOS puts attributes of files there."""

_MOST_RECORDS = 500_000
"""Of extended headers, in one archive."""

_LONGEST_NAME = 4096
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_RECORD = re.compile(rb"([1-9][0-9]{0,6}) ([^=\n]+)=", re.DOTALL)
_FOLDER, _LABEL = b"5", b"V"
_FILES = (b"0", b"\0", b"7")
_KINDS = {b"1": "a hard link", b"2": LINK, b"3": "a device", b"4": "a device", b"6": "a FIFO"}
_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"x", b"g"
_DAMAGED = f"it is damaged, or made to be read in two ways: {ANEW}"


class Tar:
    """Tar archives, and such in gzip, bzip2 or xz."""

    name = "tar"
    endings = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz")

    def open(self, data: bytes, limits: Limits) -> Branch | None:
        """As `Form.open`."""
        if not is_compressed(data) and not _is_header(data[:_BLOCK]):
            return None
        reading = _Reading(_Stream(pieces(data), limits.unpacked_bytes), limits)
        return reading.tree()


class _Stream:
    """The bytes of the archive as they are unpacked; no more of them than a limit."""

    def __init__(self, source: Iterator[bytes], most: int) -> None:
        self._source = source
        self._most = self._left = most
        self._buffer = memoryview(b"")

    def read(self, count: int) -> bytes:
        """So many bytes; fewer at the end."""
        parts = list(self._take(count))
        return parts[0].tobytes() if len(parts) == 1 else b"".join(parts)

    def skip(self, count: int) -> int:
        """Goes on by so many bytes; how many there were."""
        return sum(map(len, self._take(count)))

    def is_zero(self) -> bool:
        """Whether nothing but zeros follows."""
        while part := self.read(_PIECE):
            if part.count(0) < len(part):
                return False
        return True

    def _take(self, count: int) -> Iterator[memoryview]:
        while count > 0:
            if not self._buffer:
                self._buffer = memoryview(next(self._source, b""))
                self._left -= len(self._buffer)
                if self._left < 0:
                    raise Unreadable(f"it unpacks to more than {self._most:,} bytes; {LEAVE_OUT}")
                if not self._buffer:
                    return
            part, self._buffer = self._buffer[:count], self._buffer[count:]
            count -= len(part)
            yield part


@dataclass
class _Ahead:
    """What extended headers say of the entry that comes next."""

    names: list[bytes] = field(default_factory=list)
    sizes: list[bytes] = field(default_factory=list)
    pending: bool = False


class _Reading:
    """One pass over an archive."""

    def __init__(self, stream: _Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._builder = TreeBuilder()
        self._ahead = _Ahead()
        self._kept = self._records = 0

    def tree(self) -> Branch:
        """All entries, up to the end of the archive."""
        for number in range(self._limits.entries + 1):
            block = self._stream.read(_BLOCK)
            if len(block) == _BLOCK and not any(block):
                return self._ended()
            if number == 0 and not _is_header(block):
                raise Unreadable(f"it is compressed, but holds no tar archive; {ANEW}")
            if len(block) < _BLOCK:
                raise Unreadable(f"it is cut off; {ANEW}")
            if not _is_header(block):
                raise Unreadable(f"a header in it has a wrong check sum; {_DAMAGED}")
            self._entry(block)
        raise Unreadable(f"it has more than {self._limits.entries:,} entries; {LEAVE_OUT}")

    def _ended(self) -> Branch:
        if self._ahead.pending:
            raise Unreadable(f"it ends with the name of an entry that is not there; {_DAMAGED}")
        if not self._stream.is_zero():
            raise Unreadable(f"something else follows after its end; {ANEW}")
        return self._builder.top

    def _entry(self, block: bytes) -> None:
        kind, size = block[156:157], _number(block[124:136])
        name = _name_in(block)
        if kind in (_GNU_NAME, _GNU_LINK, _PAX, _PAX_GLOBAL):
            self._extended(kind, size, name)
            return
        ahead, self._ahead = self._ahead, _Ahead()
        if len(ahead.names) > 1 or len(ahead.sizes) > 1:
            raise Unreadable(f"{_told(name)} is given more than one name or size; {_DAMAGED}")
        name = ahead.names[0] if ahead.names else name
        size = _decimal(ahead.sizes[0], name) if ahead.sizes else size
        if kind == _LABEL and not size:
            return
        text = text_of(name)
        is_folder = kind == _FOLDER or (kind in _FILES and text.endswith("/"))
        if kind not in _FILES:
            self._check_special(kind, size, text)
        if is_folder and size:
            raise Unreadable(f"{shown(text)} is a folder and has bytes of its own; {_DAMAGED}")
        if is_folder:
            self._builder.add_folder(text)
        else:
            self._file(text, _KINDS.get(kind, FILE), size)

    def _check_special(self, kind: bytes, size: int, text: str) -> None:
        if kind == b"S":
            raise Unreadable(f"{shown(text)} is a sparse file; pack it anew without the option --sparse")
        if kind != _FOLDER and kind not in _KINDS:
            raise Unreadable(f"{shown(text)} is of a kind that is not read; {ANEW}")
        if kind in _KINDS and size:
            raise Unreadable(f"{shown(text)} is {_KINDS[kind]} and has bytes of its own; {_DAMAGED}")

    def _file(self, text: str, kind: str, size: int) -> None:
        taken = size <= self._limits.file_bytes
        data = self._body(size, shown(text), keep=taken)
        if self._builder.add_file(text, kind, size, lambda _: data):
            self._kept += len(data)
        if self._kept > self._limits.archive_bytes:
            raise Unreadable(f"it holds more than {self._limits.archive_bytes:,} bytes; {LEAVE_OUT}")

    def _body(self, size: int, told: str, keep: bool = True) -> bytes:
        """The bytes after a header, without what fills up their last block; none if they are not to be kept."""
        if size > self._limits.unpacked_bytes:
            raise Unreadable(f"{told} says that it has {size:,} bytes, more than can be; {_DAMAGED}")
        data = self._stream.read(size) if keep else b""
        rest = (0 if keep else size) + -size % _BLOCK
        if len(data) < (size if keep else 0) or self._stream.skip(rest) < rest:
            raise Unreadable(f"{told} is cut off; {ANEW}")
        return data

    # --- what comes before an entry ---

    def _extended(self, kind: bytes, size: int, name: bytes) -> None:
        """Takes in a header that tells of the next entry what its own header has no room for."""
        is_pax = kind in (_PAX, _PAX_GLOBAL)
        most = _MOST_EXTENDED if is_pax else _LONGEST_NAME + 1
        if size > most:
            raise Unreadable(f"a header before {_told(name)} has {size:,} bytes; at most {most:,} are read: {ANEW}")
        body = self._body(size, "a header")
        self._ahead.pending = self._ahead.pending or kind != _PAX_GLOBAL
        if kind == _GNU_NAME:
            self._ahead.names.append(_until_nul(body))
        elif is_pax:
            self._take_records(body, is_global=kind == _PAX_GLOBAL)

    def _take_records(self, body: bytes, is_global: bool) -> None:
        for key, value in _records(body):
            self._records += 1
            if self._records > _MOST_RECORDS:
                raise Unreadable(f"it has more than {_MOST_RECORDS:,} attributes; {ANEW}")
            if key.startswith(b"GNU.sparse."):
                raise Unreadable("there is a sparse file in it; pack it anew without the option --sparse")
            if key in (b"path", b"size"):
                if is_global:
                    raise Unreadable(f"it gives one name or size to all entries; {_DAMAGED}")
                (self._ahead.names if key == b"path" else self._ahead.sizes).append(value)


def _records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The records of a pax header: length, key and value."""
    at = 0
    while at < len(body):
        if not any(body[at : at + _BLOCK]) and not any(body[at:]):
            return  # some fill it up
        found = _RECORD.match(body, at)
        end = at + int(found[1]) if found else 0
        if found is None or not found.end() < end <= len(body) or body[end - 1 : end] != b"\n":
            raise Unreadable(f"an extended header in it is malformed; {_DAMAGED}")
        yield found[2], body[found.end() : end - 1]
        at = end


# --- fields of a header ----------------------------------------------------------------------


def _is_header(block: bytes) -> bool:
    """Whether the block has the check sum of a header; a block of zeros has not."""
    if len(block) < _BLOCK:
        return False
    try:
        said = _number(block[148:156])
    except Unreadable:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    # The second is the sum of signed bytes, as some old ones computed it.
    return said == (total := sum(rest)) or said == total - 256 * sum(byte > 127 for byte in rest)


def _number(digits: bytes) -> int:
    if digits[0] == 0x80:
        return int.from_bytes(digits[1:], "big")
    found = _OCTAL.fullmatch(digits)
    if found is None:
        raise Unreadable(f"a number in a header of it is none; {_DAMAGED}")
    return int(found[1] or b"0", 8)


def _decimal(digits: bytes, name: bytes) -> int:
    if not digits.isdigit() or len(digits) > 20:
        raise Unreadable(f"the size of {_told(name)} is no number; {_DAMAGED}")
    return int(digits)


def _name_in(block: bytes) -> bytes:
    name, prefix = _until_nul(block[:100]), _until_nul(block[345:500])
    is_posix = block[257:263] == b"ustar\0"
    return prefix + b"/" + name if is_posix and prefix else name


def _until_nul(text: bytes) -> bytes:
    return text.partition(b"\0")[0]


def _told(name: bytes) -> str:
    return shown(name[:_LONGEST_NAME].decode("utf-8", "surrogateescape"))
