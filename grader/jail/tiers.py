"""The tiers: how a student process is confined, and what each way promises."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from grader.jail import landlock

HOME, SUBMISSION, WORK = "/threadlab", "/submission", "/tmp"
"""Where things lie inside a `jail`."""

NOBODY = 65534
_TMP_BYTES = 16 << 20
_SHARED, _SHARED_BYTES = "/dev/shm", 1 << 20
"""Where the locks of `multiprocessing` lie, which its pools of threads have, too: see sem_overview(7)."""


@dataclass(frozen=True)
class Layout:
    """Where the trusted side has put what a student process needs."""

    root: Path
    """A private folder of the trusted side, searchable for others."""
    home: Path
    """Holds `grader/student`, `grader/wire` and what they import; nothing else."""
    submission: Path
    """The copy of the submission's files."""
    masked: tuple[Path, ...] = ()
    """Folders that must not be seen even if they lie below something that is."""


@dataclass(frozen=True)
class Start:
    """How to start a student process: the launcher's plan, and paths as seen from inside."""

    argv: list[str]
    home: str
    submission: str
    work: str
    stage: list[list[str]] = field(default_factory=list)
    session: bool = True
    sized: list[Any] | None = None
    """A folder, and the bytes of a file system that a root launcher mounts on it."""
    libraries: str = ""
    """A folder in which the interpreter's own shared library lies, where that is not where it was built to be."""
    confine: dict[str, Any] | None = None
    """What Landlock leaves open: `read` and `write`, paths."""
    besides: tuple[str, ...] = ()
    """Folders beside `work` in which the program may write, and which nobody else sees."""


class Tier(Protocol):
    """One way to confine a student process. A plug-in may bring its own (`grader_tiers`)."""

    name: str
    guarantees: tuple[str, ...]
    own_network: bool
    own_pids: bool
    tcp_only: bool
    """Whether no sockets but of TCP may be had, and those on ports of a block of its own."""
    filtered: bool
    """Whether system calls are filtered, where this machine can."""

    def plan(self, layout: Layout, uid: int | None) -> Start:
        """How to start; `uid` is what a root launcher becomes first.

        Raises:
            TierUnavailable: this machine cannot do it; the message says what is missing.
        """


class TierUnavailable(Exception):
    """The tier cannot be had here; the message says why and what would help."""


class Jail:
    """Bubblewrap: user, process, network, IPC and host-name namespaces; a root that holds little."""

    name = "jail"
    guarantees: tuple[str, ...] = ("files", "network", "processes")
    own_network = True
    own_pids = True
    tcp_only = False
    filtered = True

    def plan(self, layout: Layout, uid: int | None) -> Start:
        """The command line of bubblewrap, for `Tier.plan`."""
        program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
        if sys.platform != "linux" or program is None:
            raise TierUnavailable("bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)")
        prefix, python = _base_prefix(), _base_python()
        source, stage = _reachable(prefix, layout, uid)
        argv = [program, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
        argv += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "threadlab"]
        argv += ["--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
        argv += _system_folders()
        if not prefix.startswith("/usr"):
            argv += ["--ro-bind", source, prefix]
        argv += ["--ro-bind", str(layout.home), HOME, "--ro-bind", str(layout.submission), SUBMISSION]
        for folder in layout.masked:
            if _is_visible(folder, prefix):
                argv += ["--tmpfs", str(folder)]
        argv += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
        argv += ["--size", str(_SHARED_BYTES), "--tmpfs", _SHARED]
        argv += ["--size", str(_TMP_BYTES), "--tmpfs", WORK, "--remount-ro", "/"]
        return Start([*argv, python], HOME, SUBMISSION, WORK, stage, session=False, besides=(_SHARED,))


class Landlock:
    """Landlock, for where user namespaces are forbidden: no files but those listed, no network but some TCP ports."""

    name = "landlock"
    guarantees: tuple[str, ...] = ("files", "TCP")
    own_network = False
    own_pids = False
    tcp_only = True
    filtered = True

    def plan(self, layout: Layout, uid: int | None) -> Start:
        """The interpreter itself, for `Tier.plan`."""
        known = landlock.version() if sys.platform == "linux" else 0
        if known < 4:
            raise TierUnavailable(
                f"the kernel's Landlock ({known or 'none'}) does not confine TCP; Linux 6.7 and later do"
            )
        start = Limits().plan(layout, uid)
        read = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/proc", "/etc/ld.so.cache", "/etc/nsswitch.conf"]
        read += ["/etc/hosts", "/etc/localtime", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]
        read += [start.stage[0][1] if start.stage else _base_prefix(), start.home, start.submission]
        return replace(start, confine={"read": read, "write": [start.work, "/dev/null"]})


class Limits:
    """rlimits, no new privileges, a session and, from root, a uid of its own: stops runaways only."""

    name = "limits"
    guarantees: tuple[str, ...] = ()
    own_network = False
    own_pids = False
    tcp_only = False
    filtered = True

    def plan(self, layout: Layout, uid: int | None) -> Start:
        """The interpreter itself, for `Tier.plan`."""
        prefix = _base_prefix()
        source, stage = _reachable(prefix, layout, uid)
        python = source + _base_python().removeprefix(prefix)
        work = layout.root / "work"
        work.mkdir(exist_ok=True)
        if uid is not None:
            os.chown(work, uid, uid)
        sized = [str(work), _TMP_BYTES] if uid is not None and sys.platform == "linux" else None
        libraries = f"{source}/lib" if stage and sysconfig.get_config_var("Py_ENABLE_SHARED") else ""
        folders = (str(layout.home), str(layout.submission), str(work))
        return Start([python], *folders, stage, sized=sized, libraries=libraries)


SHIPPED: tuple[Any, ...] = (Jail(), Landlock(), Limits())
"""Strongest first."""


def _base_prefix() -> str:
    """Where that interpreter is installed."""
    return os.path.realpath(sys.base_prefix)


def _base_python() -> str:
    """The interpreter outside any virtual environment, under its own name."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _system_folders() -> list[str]:
    argv = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib32", "lib64", "sbin"):
        path = Path("/", name)
        if path.is_symlink():
            argv += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            argv += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "nsswitch.conf", "hosts", "localtime"):
        argv += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return argv


def _is_visible(folder: Path, prefix: str) -> bool:
    return folder.is_dir() and any(folder.is_relative_to(top) for top in ("/usr", prefix))


def _reachable(prefix: str, layout: Layout, uid: int | None) -> tuple[str, list[list[str]]]:
    """A path to the interpreter's folder that `uid` can enter, and what to mount for it."""
    if uid is None or _can_enter(prefix):
        return prefix, []
    target = layout.root / "python"
    target.mkdir(exist_ok=True)
    return str(target), [[prefix, str(target)]]


def _can_enter(folder: str) -> bool:
    """Whether everybody may enter `folder` and all folders above it."""
    return all(os.stat(path).st_mode & 0o001 for path in (folder, *map(str, Path(folder).parents)))


class Unconfined(Limits):
    """No confinement, no limits; but root is left: a `kill(-1)` of a submission's must not end the machine."""

    name = "none"
    filtered = False
    on_request = True
    """Never chosen by itself: to measure the others by, or for code of one's own."""

    def plan(self, layout: Layout, uid: int | None) -> Start:
        """As `limits`, but for the size of its temporary files."""
        return replace(super().plan(layout, uid), sized=None)


ON_REQUEST: tuple[Any, ...] = (Unconfined(),)
"""What is used only if it is asked for by name."""
