"""Runs one command and tells, as JSON, how it ended and what it has left: processes and files.

    python supervise.py PLAN

PLAN is JSON: `command`, `folder` to run it in, `environment`, `watched` (folders in which nothing may be left),
`student` (the user that student processes become, or null), `seconds` after which a command that never ends is ended.
Whatever outlives the command becomes a child of this process, however often it forks: it is the nearest subreaper. A
listener waits in this network, by TCP and by an abstract name, for those who should not reach it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

_PR_SET_CHILD_SUBREAPER = 36
_GRACE_SECONDS = 20  # to die, for what has been killed already; only what outlives it is left behind
ABSTRACT = "\0threadlab-attack-listener"


def main() -> None:
    """Carries out the plan."""
    plan = json.loads(sys.argv[1])
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell has put into the background
    before = _entries(plan)
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as named:
        with contextlib.suppress(OSError):  # one at a time in a network; those of others do as well
            named.bind(ABSTRACT)
            named.listen()
        told = _run(plan)
        told["connections"] = _connections(tcp) + _connections(named)
    told["processes"] = _left_processes()
    told["files"] = sorted(_entries(plan) - before)
    for path in told["files"]:
        _remove(path)
    print(json.dumps(told))


def _run(plan: dict[str, Any]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            plan["command"],
            cwd=plan["folder"],
            env=plan["environment"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=plan["seconds"],
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        return {"status": None, "output": (expired.stdout or b"").decode(), "errors": (expired.stderr or b"").decode()}
    return {"status": done.returncode, "output": done.stdout.decode(), "errors": done.stderr.decode()}


def _connections(listener: socket.socket) -> int:
    """How many have connected."""
    listener.setblocking(False)
    count = 0
    with contextlib.suppress(OSError):
        while True:
            listener.accept()[0].close()
            count += 1
    return count


def _left_processes() -> list[str]:
    """What outlives the command, by its command line; it is ended."""

    def alarmed(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, alarmed)
    signal.alarm(_GRACE_SECONDS)
    with contextlib.suppress(ChildProcessError, TimeoutError):
        while True:
            os.waitpid(-1, 0)
    signal.alarm(0)
    left = []
    for pid in _children():
        with contextlib.suppress(OSError):
            left.append(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            os.kill(pid, signal.SIGKILL)
    return left


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _entries(plan: dict[str, Any]) -> set[str]:
    """What lies in the watched folders: in the scratch folder all, elsewhere what a student process has made."""
    scratch, *others = plan["watched"]
    found = {entry.path for entry in os.scandir(scratch)}
    for folder in others:
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder):
                with contextlib.suppress(OSError):
                    owner = entry.stat(follow_symlinks=False).st_uid
                    if "threadlab-attack" in entry.name or owner == plan["student"]:
                        found.add(entry.path)
    return found


def _remove(path: str) -> None:
    subprocess.run(["rm", "-rf", path], check=False)  # which goes as deep as it must


if __name__ == "__main__":
    main()
