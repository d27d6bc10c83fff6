"""`grade doctor`: what is in force on this machine, found by trying it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.jail import Cell, JailError, TierUnavailable, tiers
from grader.testing import kernel
from grader.testing.bench import rlimits
from grader.testing.watch import Limits

_BETTER = {
    "jail": "Debian, Ubuntu: sudo apt install bubblewrap. On Ubuntu 24.04 and later, allow its user namespaces: "
    "sudo apt install apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict "
    "/etc/apparmor.d/ && sudo systemctl reload apparmor. In a container: docker run --security-opt seccomp=unconfined "
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined",
    "landlock": "Linux 6.7 or later, with `landlock` in the list that /sys/kernel/security/lsm shows "
    "(boot parameter lsm=landlock,...)",
    "memory": "grade as root, or in a control group that is yours (a container with its own cgroup2, or version 1)",
}


_FILTERS = {
    "reported": "system calls that no honest program makes are refused, and flagged in the result",
    "silent": "system calls that no honest program makes are refused",
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
    found = [(tier, *_try(tier)) for tier in tiers() if not getattr(tier, "on_request", False)]
    best = next((held for _, held, _ in found if held), None)
    for tier, held, why in found:
        mark = "in force" if held and held is best else "works" if held else "not here"
        promises = ", ".join(held.guarantees if held else tier.guarantees) or "runaway programs only"
        lines.append(f"  {tier.name:<8} {mark:<9} confines: {promises}{f' - {why}' if why else ''}")
        if not held and tier.name in _BETTER:
            lines.append(f"           to get it: {_BETTER[tier.name]}")
    asked_for = [tier.name for tier in tiers() if getattr(tier, "on_request", False)]
    lines += [f"  {name:<8} confines nothing, and is used only with `--tier {name}`" for name in asked_for]
    if best is None:
        return "\n".join([*lines, "  No tier works here: nothing can be graded."]) + "\n"
    lines.append(f"Calls      {_FILTERS.get(best.filter, f'not filtered: {best.filter}')}")
    bounded = "memory" in best.guarantees
    lines.append(f"Memory     {'bounded by the kernel' if bounded else 'watched'} for all processes of a jail together")
    if not bounded:
        lines.append(f"           to have the kernel do it: {_BETTER['memory']}")
    return "\n".join(lines) + "\n"


def _proof() -> str:
    if kernel.can_look():
        return "proved from the kernel's view of every thread"
    return f"not provable on this system; a deadline of {Limits().idle_seconds:g} s stands in"


@dataclass(frozen=True)
class _Held:
    """What a tier was found to hold."""

    guarantees: tuple[str, ...]
    filter: str


def _try(tier: Any) -> tuple[_Held | None, str]:
    """What a tier holds, if it starts here and its canaries do; else why not."""
    with tempfile.TemporaryDirectory(prefix="threadlab-") as folder:
        Path(folder).chmod(0o711)
        submission = Path(folder, "submission")
        submission.mkdir(mode=0o755)
        try:
            with Cell(tier, submission, rlimits(Limits())) as cell:
                cell.end(cell.fork())
                return _Held(cell.guarantees, cell.filter), ""
        except (TierUnavailable, JailError) as error:
            return None, str(error)
