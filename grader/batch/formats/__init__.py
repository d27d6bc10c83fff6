"""Intake formats, one module for each: how the submissions of a course lie in what was downloaded."""

from __future__ import annotations

from grader.batch.attempts import Format
from grader.batch.formats.plain import Plain

SHIPPED: tuple[Format, ...] = (Plain(),)
"""The most telling first; the plainest, which takes anything, last."""
