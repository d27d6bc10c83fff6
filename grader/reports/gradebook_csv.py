"""The gradebook as `gradebook.csv`: a row for each student, a column for each exercise."""

from __future__ import annotations

import csv
import io

from grader.gradebook import Gradebook
from grader.reports.safe import for_csv, on_one_line
from grader.reports.wording import number


def render(book: Gradebook) -> bytes:
    """The gradebook as CSV in UTF-8: `student`, the exercises, `score`, `max_score`, `inconclusive`, `flags`.

    What has not been graded is empty.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [column.name for column in book.columns]
    writer.writerow(["student", *names, "score", "max_score", "inconclusive", "flags"])
    for row in book.rows:
        scores = [*(row.cells[name].score for name in names), row.score]
        points = ["" if score is None else number(score) for score in scores]
        marks = [number(row.max_score), number(row.inconclusive)]
        writer.writerow(
            [for_csv(on_one_line(row.student)), *points, *marks, for_csv(on_one_line("; ".join(row.flags)))]
        )
    return file.getvalue().encode()
