"""Exec'd on its own before the student's interpreter: drops root, then becomes the jail.

Run as `python -I -S launcher.py PLAN`, PLAN being JSON: `uid` to become (null: stay), `stage`
(pairs of source and target: read-only bind mounts that make folders reachable which the new uid
could not enter, in a mount namespace of our own), `session` (whether to start a session), `argv`, `env`.
Standard library only, and little of it: this runs once for each submission.
"""

import ctypes
import json
import os
import signal
import sys

_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_SET_PDEATHSIG = 1


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def stage(pairs: list[list[str]]) -> None:
    """Bind-mounts each source on its target, seen by this process and its children only."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWNS), "unshare")
    _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount private")
    for source, target in pairs:
        names = (source.encode(), target.encode())
        _check(libc.mount(*names, None, _MS_BIND | _MS_REC, None), f"mount {source}")
        flags = _MS_BIND | _MS_REMOUNT | _MS_RDONLY
        _check(libc.mount(None, names[1], None, flags, None), f"remount {target}")


def main() -> None:
    """Carries out the plan in `sys.argv[1]` and never returns."""
    plan = json.loads(sys.argv[1])
    if plan["stage"]:
        stage(plan["stage"])
    if plan["uid"] is not None:
        os.setgroups([])
        os.setresgid(plan["uid"], plan["uid"], plan["uid"])
        os.setresuid(plan["uid"], plan["uid"], plan["uid"])
    if plan["session"]:
        os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != plan["parent"]:
            os._exit(1)  # the trusted side is gone already
    os.chdir("/")
    os.umask(0o077)
    os.execve(plan["argv"][0], plan["argv"], plan["env"])


if __name__ == "__main__":
    main()
