"""Reads zip archives, strictly: where two readers could see two things in one, it is refused.

By hand, since `zipfile` believes the directory, and what it refuses and how depends on the interpreter's patch level.
The format is that of PKWARE's APPNOTE.TXT 6.3; of its compressions the two that every packer uses.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from grader.intake_copy import FILE, FOLDER, KINDS, Unreadable
from grader.intake_gather import Limits
from grader.intake_names import shown
from grader.intake_tree import ANEW, LEAVE_OUT, Branch, TreeBuilder, text_of

_LOCAL, _CENTRAL, _END, _END64, _LOCATOR64 = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
_LocalHeader = struct.Struct("<4s5H3I2H")
_CentralHeader = struct.Struct("<4s6H3I5H2I")
_EndRecord = struct.Struct("<4s4H2IH")
_End64Record = struct.Struct("<4sQ2H2I4Q")
_Locator64 = struct.Struct("<4sIQI")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
"""In place of a number: it stands in a field of 64 bits elsewhere."""

_ENCRYPTED, _SIZES_LATER, _UTF8 = 0x2041, 0x8, 0x800
_EXTRA_SIZES = 1
_STORED, _DEFLATED = 0, 8
_DAMAGED = f"it is damaged, or made to be read in two ways: {ANEW}"


@dataclass(frozen=True)
class _Entry:
    """One entry, as the directory lists it."""

    name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int

    @property
    def shown(self) -> str:
        """Its name for a reader."""
        return shown(self.name[:4096].decode("utf-8", "surrogateescape"))

    @property
    def text(self) -> str:
        """Its name; in the format's own encoding where it does not claim to be UTF-8 and is not."""
        if not self.flags & _UTF8:
            try:
                return self.name.decode("utf-8")
            except UnicodeDecodeError:
                return self.name.decode("cp437")
        return text_of(self.name)


class Zip:
    """Zip archives."""

    name = "zip"
    endings = (".zip",)

    def open(self, data: bytes, limits: Limits) -> Branch | None:
        """As `Form.open`."""
        if not data.startswith((_LOCAL, _END)):
            return None
        entries, start = _entries(data, limits)
        builder = TreeBuilder()
        for entry, at in _placed(data, entries, start):
            _add(builder, data, entry, at)
        return builder.top


def clock_readings(data: bytes, limits: Limits) -> list[tuple[int, ...]]:
    """When the files in a zip were last changed, by the clock of whoever packed it: year, month, ... second.

    Nothing is checked: 0 may be a month.

    Raises:
        Unreadable: it is no zip, or has too many entries.
    """
    dates = [(one.date, one.time) for one in _entries(data, limits)[0] if not one.name.endswith(b"/")]
    return [
        (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, time % 32 * 2)
        for date, time in dates
    ]


# --- the directory ---------------------------------------------------------------------------


def _entries(data: bytes, limits: Limits) -> tuple[list[_Entry], int]:
    """The entries that the directory lists, and where it begins."""
    count, start, end = _directory(data)
    if count > limits.entries:
        raise Unreadable(f"it has {count:,} entries; at most {limits.entries:,} are read: {LEAVE_OUT}")
    return list(_listed(data, count, start, end)), start


def _directory(data: bytes) -> tuple[int, int, int]:
    """How many entries the directory has, where it begins, and where it ends."""
    place = _end_record(data)
    _, disk, first_disk, here, count, size, start, _ = _EndRecord.unpack_from(data, place)
    end = place
    if _FULL16 in (here, count) or _FULL32 in (size, start):
        end, (disk, first_disk, here, count, size, start) = _end_record_64(data, place)
    if disk or first_disk or here != count:
        raise Unreadable(f"it is one part of a split archive; {ANEW}")
    if start + size != end:
        raise Unreadable(f"its directory is not where it says; {_DAMAGED}")
    return count, start, end


def _end_record(data: bytes) -> int:
    """Where the one end record begins that reaches to the end of the file."""
    lowest = max(0, len(data) - _EndRecord.size - _FULL16)
    found, seen, place = [], False, data.rfind(_END, lowest)
    while place >= 0:
        if place + _EndRecord.size <= len(data):
            seen = True
            if place + _EndRecord.size + int.from_bytes(data[place + 20 : place + 22], "little") == len(data):
                found.append(place)
        place = data.rfind(_END, lowest, place)
    if len(found) == 1:
        return found[0]
    if found:
        raise Unreadable(f"it has more than one end; {_DAMAGED}")
    what = "something else follows after its end" if seen else "it is cut off: its directory is missing"
    raise Unreadable(f"{what}; {ANEW}")


def _end_record_64(data: bytes, end: int) -> tuple[int, tuple[int, ...]]:
    """Where the end record of 64 bits begins, and what the usual one would tell."""
    locator = end - _Locator64.size
    if locator < 0 or data[locator : locator + 4] != _LOCATOR64:
        raise Unreadable(f"its end points to what is not there; {_DAMAGED}")
    _, disk, place, disks = _Locator64.unpack_from(data, locator)
    if disk or disks != 1 or place + _End64Record.size != locator or data[place : place + 4] != _END64:
        raise Unreadable(f"its end points to what is not there; {_DAMAGED}")
    return place, _End64Record.unpack_from(data, place)[4:]


def _listed(data: bytes, count: int, at: int, end: int) -> Iterator[_Entry]:
    """The entries of the directory."""
    for _ in range(count):
        if at + _CentralHeader.size > end or data[at : at + 4] != _CENTRAL:
            raise Unreadable(f"its directory lists fewer entries than it says; {_DAMAGED}")
        fields = _CentralHeader.unpack_from(data, at)
        flags, method, time, date, crc, packed, size = fields[3:10]
        name_at = at + _CentralHeader.size
        extra_at = name_at + fields[10]
        at = extra_at + fields[11] + fields[12]
        if at > end or fields[13] not in (0, _FULL16):
            raise Unreadable(f"its directory is cut off; {_DAMAGED}")
        extra = data[extra_at : extra_at + fields[11]]
        size, packed, offset = _in_64_bits(extra, size, packed, fields[16])
        yield _Entry(data[name_at:extra_at], flags, method, time, date, crc, packed, size, offset, fields[15] >> 16)
    if at != end:
        raise Unreadable(f"its directory holds more than the entries it counts; {_DAMAGED}")


def _in_64_bits(extra: bytes, *numbers: int) -> list[int]:
    """The numbers, those that do not fit into 32 bits from the extra field that holds them, in their order."""
    if _FULL32 not in numbers:
        return list(numbers)
    field, at = b"", 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _EXTRA_SIZES:
            field = extra[at + 4 : at + 4 + length]
            break
        at += 4 + length
    found = []
    for number in numbers:
        if number == _FULL32:
            if len(field) < 8:
                raise Unreadable(f"a size in its directory is not there; {_DAMAGED}")
            number, field = int.from_bytes(field[:8], "little"), field[8:]
        found.append(number)
    return found


# --- the entries -----------------------------------------------------------------------------


def _placed(data: bytes, entries: list[_Entry], end: int) -> Iterator[tuple[_Entry, int]]:
    """Each entry with the place of its bytes, in the order of the file: all different, nothing in between."""
    free = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < free:
            raise Unreadable(f"{entry.shown} overlaps another entry; {_DAMAGED}")
        if data.find(_LOCAL, free, entry.offset) >= 0:
            raise Unreadable(f"an entry before {entry.shown} is not in its directory; {_DAMAGED}")
        start = _checked(data, entry, end)
        free = start + entry.packed
        if free > end:
            raise Unreadable(f"{entry.shown} is cut off, or reaches into the directory; {_DAMAGED}")
        yield entry, start
    if data.find(_LOCAL, free, end) >= 0:
        raise Unreadable(f"its last entry is not in its directory; {_DAMAGED}")


def _checked(data: bytes, entry: _Entry, end: int) -> int:
    """Where the bytes of an entry begin, once its own header says the same as the directory."""
    at = entry.offset
    if at + _LocalHeader.size > end or data[at : at + 4] != _LOCAL:
        raise Unreadable(f"{entry.shown} is not where the directory says; {_DAMAGED}")
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LocalHeader.unpack_from(data, at)
    name_at = at + _LocalHeader.size
    extra_at = name_at + name_length
    start: int = extra_at + extra_length
    if start > end:
        raise Unreadable(f"{entry.shown} is cut off; {_DAMAGED}")
    size, packed = _in_64_bits(data[extra_at:start], size, packed)
    said = (crc, packed, size)
    later = flags & _SIZES_LATER and said in ((0, 0, 0), (0, _FULL32, _FULL32))
    same = data[name_at:extra_at] == entry.name and method == entry.method
    same = same and not (flags ^ entry.flags) & (_ENCRYPTED | _UTF8)
    if not same or not (later or said == (entry.crc, entry.packed, entry.size)):
        raise Unreadable(f"{entry.shown} is another entry in its own header than in the directory; {_DAMAGED}")
    return start


def _add(builder: TreeBuilder, data: bytes, entry: _Entry, start: int) -> None:
    name = entry.text
    kind = KINDS.get(stat.S_IFMT(entry.mode), FILE)
    is_folder = name.endswith("/") or kind == FOLDER
    if is_folder and kind in (FILE, FOLDER):
        if entry.size:
            raise Unreadable(f"{entry.shown} is a folder and has bytes of its own; {_DAMAGED}")
        builder.add_folder(name)
    else:
        builder.add_file(name, kind, entry.size, partial(_content, data, entry, start))


def _content(data: bytes, entry: _Entry, start: int, most: int) -> bytes:
    """The bytes of an entry: as many as it says, and the ones that it was made of."""
    if entry.flags & _ENCRYPTED:
        raise Unreadable("is encrypted; zip it anew without a password")
    if entry.method not in (_STORED, _DEFLATED):
        raise Unreadable(f"is packed in a way that is not read (method {entry.method}); {ANEW}")
    packed = memoryview(data)[start : start + entry.packed]
    found = bytes(packed[: most + 1]) if entry.method == _STORED else _inflated(packed, most)
    if len(found) != entry.size or (entry.method == _STORED and entry.packed != entry.size):
        raise Unreadable(f"does not hold the {entry.size:,} bytes that the archive says; {_DAMAGED}")
    if zlib.crc32(found) != entry.crc:
        raise Unreadable(f"has a wrong check sum; {_DAMAGED}")
    return found


def _inflated(packed: memoryview, most: int) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(packed, most + 1)
    except zlib.error:
        raise Unreadable(f"cannot be unpacked; {_DAMAGED}") from None
    if len(found) <= most and (not unpacker.eof or unpacker.unused_data):
        raise Unreadable(f"does not end where the archive says; {_DAMAGED}")
    return found
