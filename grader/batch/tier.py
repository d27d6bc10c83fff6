"""Which tier of confinement a batch may run at: `jail`, unless a weaker one is allowed in so many words."""

from __future__ import annotations

import tempfile
from pathlib import Path

from grader.batch.attempts import BatchError
from grader.jail import TierUnavailable, open_cell, tiers
from grader.testing.bench import rlimits
from grader.testing.watch import Limits

DEMANDED = "jail"


def tier_in_force(allowed: str | None = None) -> str:
    """The strongest tier that works here.

    Args:
        allowed: the weakest that will do; None: `jail`.

    Raises:
        BatchError: only a weaker one works, or there is none of that name.
    """
    names: list[str] = [tier.name for tier in tiers()]
    weakest = allowed or DEMANDED
    if weakest not in names:
        raise BatchError(f"there is no tier {weakest!r}; there are {', '.join(names)}")
    why = ""
    with tempfile.TemporaryDirectory(prefix="threadlab-") as name:
        Path(name).chmod(0o755)
        for tier in names[: names.index(weakest) + 1]:
            try:
                open_cell(Path(name), rlimits(Limits()), (), tier).close()
            except TierUnavailable as error:
                why = why or str(error)
            else:
                return tier
    raise BatchError(
        f"submissions would not be confined by tier {weakest!r} or a stronger one here ({why}); see `grade doctor` for"
        " how to get it, or accept less with --allow-tier NAME"
    )
