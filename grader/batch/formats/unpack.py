"""Unpacks an export that is still a zip, entry by entry, with nothing leading out of the folder."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from datetime import UTC, tzinfo
from pathlib import Path, PurePosixPath

from grader.batch.attempts import BatchError
from grader.batch.formats.times import zip_time

_MOST_BYTES = 64 << 20
"""In one file of an export; submissions are far smaller."""
_MOST_IN_ALL = 8 << 30


def unpack(file: Path, into: Path, zone: tzinfo = UTC) -> tuple[Path, list[str]]:
    """Unpacks `file` and gives the folder that holds the submissions, and the entries that were left out, with why.

    Args:
        file: a zip that an LMS made.
        into: a folder that is made for it.
        zone: of the times in it, which carry none.

    Raises:
        BatchError: it is no zip, or holds too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > _MOST_IN_ALL:
                most = f"{_MOST_IN_ALL >> 30} GiB"
                raise BatchError(f"{file} holds more than {most}; unpack it yourself and give the folder")
            into.mkdir(parents=True)
            faults = [(info.filename, _refused(info) or _extracted(archive, info, into, zone)) for info in infos]
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise BatchError(
            f"{file} cannot be read as a zip ({error}); download it again, or unpack it yourself"
        ) from None
    left_out = [f"{name}: {why}; unpack it yourself if it is wanted" for name, why in faults if why]
    return _top(into, file), left_out


def _refused(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1]:
        return "leads out of the folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is neither a file nor a folder"
    if info.file_size > _MOST_BYTES:
        return f"has more than {_MOST_BYTES >> 20} MiB"
    return "is encrypted" if info.flag_bits & 1 else ""


def _extracted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, into: Path, zone: tzinfo) -> str:
    """Writes one entry; why not, if not."""
    target = into / PurePosixPath(info.filename.replace("\\", "/"))
    try:
        if info.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            return ""
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)
        when = zip_time(info.date_time, zone)
        seconds = when.timestamp() if when else 0.0  # which no file has, and `file_time` takes for none
        os.utime(target, (seconds, seconds))
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        return f"cannot be unpacked ({getattr(error, 'strerror', None) or error})"
    return ""


def _top(folder: Path, file: Path) -> Path:
    """The folder itself, or the one that it holds alone; named as the zip where names tell something."""
    inner = [path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "__MACOSX"]
    if len(inner) == 1 and inner[0].is_dir() and "_assignsubmission_" not in inner[0].name:
        return inner[0]
    named = folder.with_name(file.stem) if file.stem.endswith("-submissions") else folder
    return folder.rename(named) if named != folder else folder
