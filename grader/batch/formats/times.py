"""Times of files in zips, which carry no zone: they are read in that of the due date, the same on every machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from grader.batch.attempts import Attempt, Collection
from grader.batch.formats.layout import entries
from grader.intake_copy import Unreadable, read_file
from grader.intake_gather import Limits
from grader.intake_zip import clock_readings


def zip_time(reading: Sequence[int], zone: tzinfo) -> datetime | None:
    """When an entry of a zip was last changed; None if that cannot be told.

    Args:
        reading: year, month, day, hour, minute, second, by the clock of whoever packed it.
        zone: of that clock.
    """
    if tuple(reading[:3]) == (1980, 1, 1):
        return None  # what packers write that know no time
    try:
        year, month, day, hour, minute, second = reading
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def with_times_inside(found: Collection, zone: tzinfo) -> Collection:
    """The attempts, those that have the time of a file with the latest in their zips, where that is later.

    Args:
        found: as a format has it.
        zone: of the times in zips.
    """
    return replace(found, attempts=tuple(_with_time_inside(attempt, zone) for attempt in found.attempts))


def _with_time_inside(attempt: Attempt, zone: tzinfo) -> Attempt:
    if attempt.when_from != "file":
        return attempt
    times = [time for file in _zips(attempt) for time in _times(file, zone)]
    known = [*times, *([attempt.when] if attempt.when else [])]
    return replace(attempt, when=max(known, default=None))


def _zips(attempt: Attempt) -> Iterator[Path]:
    """The zips in what was handed in, whatever else lies beside them."""
    waiting = [path for path in (attempt.path, *(path for _, path in attempt.files)) if path is not None]
    while waiting:
        path = waiting.pop()
        if path.is_dir() and not path.is_symlink():
            waiting += entries(path)[0]
        elif path.name.lower().endswith(".zip"):
            yield path


def _times(file: Path, zone: tzinfo) -> list[datetime]:
    limits = Limits()
    try:
        readings = clock_readings(read_file(os.fspath(file), limits.archive_bytes), limits)
    except Unreadable:
        return []  # intake says what is wrong with it
    return [time for reading in readings if (time := zip_time(reading, zone))]
