"""What a test can end with besides passing: a rule broken, or no verdict at all."""

from __future__ import annotations

from typing import Any

from _pytest.outcomes import Failed


class RuleBroken(Failed):
    """The student's code broke the rule that the test checks.

    Args:
        reason: what was done and what was seen, for the student to read.
        evidence: what backs it, as JSON data with a `kind`; pytest shows the lines of a `story`, too.
    """

    def __init__(self, reason: str, evidence: dict[str, Any] | None = None) -> None:
        self.reason = reason
        self.evidence = evidence or {}
        super().__init__("\n".join([reason, *self.evidence.get("story", [])]), pytrace=False)


class Inconclusive(Failed):
    """The machine or the grader could not tell; costs nobody a point in silence."""

    def __init__(self, reason: str, evidence: dict[str, Any] | None = None) -> None:
        super().__init__(reason, pytrace=False)
        self.reason = reason
        self.evidence = evidence or {}
