"""Which lines and branches of a submission its tests have reached, as coverage.py counts them.

The lines are noted in the student process (`grader.student.lines`), which stays in its jail, and come as numbers.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Coverage:
    """How much of one file was reached."""

    lines: int
    """That can be reached; those are left out that carry `# pragma: no cover`."""
    branches: int
    missed_lines: tuple[int, ...]
    missed_branches: tuple[tuple[int, int], ...]
    """From which line to which other one it never went; a negative one is the end of what begins there."""

    @property
    def complete(self) -> bool:
        """Whether all was reached."""
        return not self.missed_lines and not self.missed_branches

    def __str__(self) -> str:
        if self.complete:
            return f"the tests reached all {self.lines} lines and {self.branches} branches"
        reached = f"{self.lines - len(self.missed_lines)} of {self.lines} lines"
        taken = f"{self.branches - len(self.missed_branches)} of {self.branches} branches"
        parts = [f"not line {span}" for span in [", ".join(_spans(self.missed_lines))] if span]
        parts += [f"never {way(*branch)}" for branch in self.missed_branches]
        return f"the tests reached {reached} and {taken}: {'; '.join(parts)}"


def way(start: int, end: int) -> str:
    """A branch in words."""
    return f"from line {start} to {'the end' if end < 0 else f'line {end}'}"


def measure(file: Path, arcs: Iterable[tuple[int, int]]) -> Coverage:
    """What of a file was reached.

    Args:
        file: the source.
        arcs: the lines that were executed, each with the one before it.
    """
    import coverage
    from coverage.exceptions import CoverageException, CoverageWarning

    nothing = Coverage(0, 0, (), ())
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)
        measured = coverage.Coverage(data_file=None, branch=True, config_file=False, messages=False)
        measured.get_data().add_arcs({str(file): list(arcs)})
        report = Path(folder) / "report.json"
        try:
            measured.json_report(morfs=[str(file)], outfile=str(report))
        except CoverageException:  # no module, or no text
            return nothing
        found = json.loads(report.read_text(encoding="utf-8"))
    one = next(iter(found["files"].values()))
    missed = {int(line) for line in one["missing_lines"]}
    return Coverage(
        lines=one["summary"]["num_statements"],
        branches=one["summary"]["num_branches"],
        missed_lines=tuple(sorted(missed)),
        # What lies behind a line that was not reached either needs no telling.
        missed_branches=tuple((start, end) for start, end in one["missing_branches"] if start not in missed),
    )


def _spans(lines: Iterable[int]) -> Iterator[str]:
    """Numbers in a row as "3-5"."""
    first = last = 0
    for line in [*lines, 0]:
        if first and line != last + 1:
            yield str(first) if first == last else f"{first}-{last}"
            first = 0
        first, last = first or line, line


__all__ = ["Coverage", "measure", "way"]
