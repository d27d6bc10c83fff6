"""Reads a table that a person has written, as CSV: what can be read in two ways is an error."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from grader.batch.attempts import BatchError


@dataclass(frozen=True)
class Table:
    """A CSV file: its header, and each row with its line."""

    header: Sequence[str]
    rows: list[tuple[int, dict[str, str]]]


def read_table(file: Path) -> Table:
    """Reads a CSV in UTF-8, or in UTF-16 with a mark at its beginning; cells separated by comma, semicolon or tab.

    Raises:
        BatchError: it cannot be read, or in two ways: a row has more cells than the header, a quote is never closed.
    """
    try:
        data = file.read_bytes()
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except OSError as error:
        raise BatchError(f"{file}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BatchError(f"{file.name}:{line}: is not UTF-8 text; save it as UTF-8") from None
    lines = _lines(text, file)
    _, header = next(lines, (1, []))
    width = max((place for place, name in enumerate(header, 1) if name), default=0)
    rows = []
    for line, cells in lines:
        surplus = cells[width:]
        # Canvas's row on hidden assignments, which is nobody's, can end in empty cells too many
        if any(surplus) or (len(cells) > len(header) and cells[0]):
            raise BatchError(
                f"{file.name}:{line}: has more cells than the header; put what holds a separator in quotes"
            )
        row = {name: cell for name, cell in zip_longest(header, cells, fillvalue="") if name}
        if any(row.values()):
            rows.append((line, row))
    return Table([name for name in header if name], rows)


def _lines(text: str, file: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that hold anything, each with the line on which it begins."""
    head = text.partition("\n")[0].partition("\r")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BatchError(f"{file.name}:{line}: {error}; check the quotes from there on") from None
        if cells is None:
            return
        if cells:
            yield line, cells
