"""Intake formats: how the submissions of a course lie in what was downloaded."""

from __future__ import annotations

from grader.batch.attempts import Format
from grader.batch.formats.canvas import Canvas
from grader.batch.formats.gradescope import Gradescope
from grader.batch.formats.moodle import Moodle
from grader.batch.formats.plain import Plain
from grader.batch.formats.repositories import Classroom50, GitHubClassroom

SHIPPED: tuple[Format, ...] = (Gradescope(), Moodle(), Canvas(), GitHubClassroom(), Classroom50(), Plain())
"""The most telling first; the plainest, which takes anything, last."""
