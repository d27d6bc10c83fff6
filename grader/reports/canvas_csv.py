"""The gradebook as Canvas imports it: it finds a student by ID, then by SIS ID, by login, by name."""

from __future__ import annotations

import csv
import io

from grader.gradebook import Gradebook, Row
from grader.reports.safe import for_csv, on_one_line
from grader.reports.wording import number

HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"


def render(book: Gradebook, column: str = "") -> bytes:
    """The gradebook as CSV in UTF-8.

    Args:
        book: with ids of kinds `canvas`, `sis` and `login` or `email`, as a roster or Canvas's own names give them.
        column: the assignment's column as Canvas exports it, `<title> (<id>)`; without an id Canvas asks whether to
            make a new one. Empty: the course's title.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*HEADER, for_csv(on_one_line(column or book.course))])
    most = max((row.max_score for row in book.rows), default=sum(one.max_score for one in book.columns))
    writer.writerow([POINTS_POSSIBLE, "", "", "", "", number(most)])
    for row in book.rows:
        mark = "" if row.score is None else number(row.score)  # Canvas leaves the mark alone where there is none
        writer.writerow([*(for_csv(on_one_line(text)) for text in _who(row)), mark])
    return file.getvalue().encode()


def _who(row: Row) -> tuple[str, str, str, str, str]:
    ids = row.ids
    sis = ids.get("sis") or ids.get("sid", "")
    return row.name, ids.get("canvas", ""), sis, ids.get("login", ""), ids.get("section", "")
