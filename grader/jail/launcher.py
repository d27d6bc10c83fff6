"""Exec'd on its own before the student's interpreter: drops root, then becomes the jail.

Run as `python -I -S launcher.py PLAN`, PLAN being JSON: `uid` to become (null: stay), `stage` (pairs of source and
target: read-only bind mounts that make folders reachable which the new uid could not enter, in a mount namespace of our
own), `sized` (a folder on which to mount a file system of so many bytes, or null), `groups` (files to enter a control
group by), `network` (whether the jail is going to make a network of its own), `limits` (rlimits), `confine` (what
Landlock is to leave open, or null), `session` (whether to start a session), `argv`, `env`. Standard library only, and
little of it: this runs once for each submission.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys

_CLONE_NEWNS, _CLONE_NEWNET = 0x00020000, 0x40000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_MS_NOSUID, _MS_NODEV = 2, 4
_MOST_FILES = 8192
_CONNECTIONS = "/proc/sys/net/ipv4/tcp_child_ehash_entries"
_PR_SET_PDEATHSIG = 1


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def stage(pairs: list[list[str]], sized: list[str | int] | None, uid: int) -> None:
    """Bind-mounts each source on its target, and a file system that fills up early on a folder; seen by us only."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.unshare(_CLONE_NEWNS), "unshare")
    _check(libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None), "mount private")
    for source, target in pairs:
        names = (source.encode(), target.encode())
        _check(libc.mount(*names, None, _MS_BIND | _MS_REC, None), f"mount {source}")
        flags = _MS_BIND | _MS_REMOUNT | _MS_RDONLY
        _check(libc.mount(None, names[1], None, flags, None), f"remount {target}")
    if sized:
        folder, size = sized
        options = f"size={size},nr_inodes={_MOST_FILES},mode=700,uid={uid},gid={uid}"
        flags = _MS_NOSUID | _MS_NODEV
        _check(libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", flags, options.encode()), f"mount {folder}")


def prepare_network() -> None:
    """Has a network that is made from now on list its connections in a table of its own, and a small one.

    To look through the machine's table takes milliseconds, and it is looked through in each test. Half as many
    connections as the table has entries are remembered for a minute after their end, which keeps their port from being
    bound; see `Cell.remembers`. The setting is that of a network in between, which nobody uses (Linux 6.1,
    Documentation/networking/ip-sysctl.rst); the machine's own stays as it is.
    """
    if os.path.exists(_CONNECTIONS) and ctypes.CDLL(None).unshare(_CLONE_NEWNET) == 0:
        with contextlib.suppress(OSError), open(_CONNECTIONS, "w") as file:
            file.write("4096")


def limit(limits: dict[str, int]) -> None:
    """Sets rlimits, by name without `RLIMIT_`, soft and hard, as far as the present hard ones allow."""
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            _, hard = resource.getrlimit(number)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some
                resource.setrlimit(number, (most, most))


def main() -> None:
    """Carries out the plan in `sys.argv[1]` and never returns."""
    plan = json.loads(sys.argv[1])
    if plan["confine"]:
        sys.path.append(os.path.dirname(os.path.abspath(__file__)))
        landlock = __import__("landlock")  # beside this file, run by its path; later we may not be able to read it
    for entrance in plan["groups"]:
        with open(entrance, "w") as file:
            file.write("0")
    if plan["stage"] or plan["sized"]:
        stage(plan["stage"], plan["sized"], plan["uid"])
    if plan["network"]:
        prepare_network()
    limit(plan["limits"])
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
    if plan["confine"]:
        landlock.restrict(**plan["confine"])
    os.execve(plan["argv"][0], plan["argv"], plan["env"])


if __name__ == "__main__":
    main()
