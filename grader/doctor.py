"""`grade doctor`: what is in force on this machine, found by trying it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from grader.jail import Cell, JailError, TierUnavailable, tiers
from grader.testing import kernel
from grader.testing.bench import rlimits
from grader.testing.watch import Limits

_BETTER = {
    "jail": "Debian, Ubuntu: sudo apt install bubblewrap. On Ubuntu 24.04 and later, allow its user namespaces: "
    "sudo apt install apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict "
    "/etc/apparmor.d/ && sudo systemctl reload apparmor",
}


def examine() -> str:
    """The report, as plain text lines."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    lines = [
        f"Python     {platform.python_version()} ({platform.python_implementation()}), GIL {'on' if gil else 'off'}",
        f"System     {platform.system()} {platform.release()} on {platform.machine()}, {os.cpu_count()} cores",
        f"User       {'root: student code is run as another user' if os.geteuid() == 0 else 'not root'}",
        f"Stuck      {_proof()}",
        "Tiers      (strongest first; the first that works is used)",
    ]
    in_force = False
    for tier in tiers():
        if getattr(tier, "on_request", False):
            lines.append(f"  {tier.name:<8} confines nothing, and is used only with `--tier {tier.name}`")
            continue
        works, why = _try(tier)
        mark = "in force" if works and not in_force else "works" if works else "not here"
        in_force = in_force or works
        promises = ", ".join(tier.guarantees) or "runaway programs only"
        lines.append(f"  {tier.name:<8} {mark:<9} confines: {promises}{f' - {why}' if why else ''}")
        if not works and tier.name in _BETTER:
            lines.append(f"           {_BETTER[tier.name]}")
    if not in_force:
        lines.append("  No tier works here: nothing can be graded.")
    return "\n".join(lines) + "\n"


def _proof() -> str:
    if kernel.can_look():
        return "proved from the kernel's view of every thread"
    return f"not provable on this system; a deadline of {Limits().idle_seconds:g} s stands in"


def _try(tier: object) -> tuple[bool, str]:
    """Whether a tier starts here and its canaries hold; else why not."""
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        Path(folder).chmod(0o755)
        try:
            with Cell(tier, Path(folder), rlimits(Limits())) as cell:  # type: ignore[arg-type]
                cell.end(cell.fork())
        except (TierUnavailable, JailError) as error:
            return False, str(error)
    return True, ""
