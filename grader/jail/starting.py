"""Starts a zygote: canaries put out, the plan that the launcher carries out, the settings that the zygote is told."""

from __future__ import annotations

import base64
import json
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from grader.jail import seccomp
from grader.jail.cgroup import Group
from grader.jail.ports import Ports
from grader.jail.processes import ourselves_and_above
from grader.jail.tiers import Start, Tier

_INIT = 1
"""The zygote's own number in a jail with process numbers of its own; as -1, everybody."""

_BOOT = "import sys; sys.path.insert(0, sys.argv.pop()); from grader.student.zygote import main; main()"


@contextmanager
def canaries(root: Path) -> Iterator[dict[str, Any]]:
    """What a program in a jail must not reach, for as long as the block lasts: a file, a port, and this process.

    Args:
        root: the cell's folder; takes the file.

    Returns:
        the settings by which the zygote finds them.
    """
    file = root / "canary"
    file.write_text("canary")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield {
            "canary_file": str(file),
            "canary_text": "canary",
            "canary_port": listener.getsockname()[1],
            "canary_pid": os.getpid(),
        }


def launch(
    tier: Tier,
    start: Start,
    uid: int | None,
    limits: dict[str, int],
    group: Group,
    ports: Ports | None,
    control: socket.socket,
    output: IO[bytes],
) -> subprocess.Popen[bytes]:
    """Starts the launcher, which becomes the zygote.

    Args:
        tier: how to confine.
        start: the tier's plan.
        uid: what to become; None: we are not root.
        limits: as `Cell` has them.
        group: the control groups to enter.
        ports: those that may be used; None: any.
        control: the zygote's end of the socket.
        output: takes what goes wrong before there is a student process.
    """
    python = [*start.argv, "-s", "-P", "-B", "-c", _BOOT]
    numbers = list(ports.numbers) if ports else []
    plan = {
        "uid": uid,
        "stage": start.stage,
        "sized": start.sized,
        "groups": group.entrances,
        "network": tier.own_network and uid is not None,
        "limits": {name: value for name, value in limits.items() if name not in ("CPU", "MEMORY", "NPROC")},
        "confine": {**start.confine, "ports": numbers} if start.confine else None,
        "session": start.session,
        "parent": os.getpid(),
        "argv": [*python, str(control.fileno()), start.home],
        "env": _environment(start),
    }
    launcher = Path(__file__).with_name("launcher.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(launcher), json.dumps(plan)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(control.fileno(),),
        cwd="/",
        env={},
    )


def _environment(start: Start) -> dict[str, str]:
    """The student process's environment, made from nothing."""
    return {
        "HOME": start.work,
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TMPDIR": start.work,
        **({"LD_LIBRARY_PATH": start.libraries} if start.libraries else {}),
    }


def settings(tier: Tier, start: Start, limits: dict[str, int], pid: int) -> dict[str, Any]:
    """What the zygote is told, besides its canaries.

    Args:
        tier: how it is confined.
        start: the tier's plan.
        limits: as `Cell` has them.
        pid: of the process that was launched.
    """
    return {
        "home": start.home,
        "work": start.work,
        "wipe": [start.work, *start.besides],
        "processes": _most_processes(limits, tier),
        "cpu": limits.get("CPU"),
        "own_pids": tier.own_pids,
        "filters": filters(tier, pid),
    }


def filters(tier: Tier, pid: int) -> list[str]:
    """The filter that reports to us, and one for where the kernel has no such reports; nothing if there is none."""
    spared = [_INIT] if tier.own_pids else [_INIT, pid, *ourselves_and_above()]
    made = [seccomp.program(tier.tcp_only, tier.own_pids, spared, notify) for notify in (True, False) if tier.filtered]
    return [base64.b64encode(one).decode() for one in made if one]


def _most_processes(limits: dict[str, int], tier: Tier) -> int | None:
    """The limit on processes, where the kernel would not count all that the user runs.

    Only in a user namespace of its own, since Linux 5.14, is it counted apart. Elsewhere the control group bounds it,
    or `Watch` counts.
    """
    release = tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())
    return limits.get("NPROC") if tier.own_pids and release >= (5, 14) else None
