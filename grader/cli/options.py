"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

only_exercises = click.option(
    "-e", "--exercise", "exercises", multiple=True, metavar="NAME", help="Only this exercise; may be repeated."
)
course_folder = click.option(
    "--course", type=click.Path(path_type=Path), metavar="DIR", help="The folder with course.yaml."
)
without_groups = click.option(
    "--without", multiple=True, metavar="GROUP", help="Leave a group of tests out, with its points."
)
html_page = click.option("--html", "html_file", metavar="FILE", help="Write a page with pictures of what was seen.")
least_score = click.option("--fail-under", type=float, metavar="POINTS", help="Exit status 1 if the score is below.")
