"""A cell: one started jail with its zygote, from which a student process is forked for each test."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grader.jail.tiers import NOBODY, Layout, Start, Tier, TierUnavailable

_CLOSING_SECONDS = 5.0
_CONTROL_SECONDS = 30.0
"""A zygote runs no student code: one that is silent for so long is broken."""

_WHOLE_MESSAGES = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM

_BOOT = "import sys; sys.path.insert(0, sys.argv.pop()); from grader.student.zygote import main; main()"


class JailError(Exception):
    """The jail itself failed: the grader's fault, never the student's."""


@dataclass
class StudentProcess:
    """One forked student process as the trusted side holds it."""

    pid: int
    """As the kernel numbers it outside the jail."""
    inner_pid: int
    to_student: int
    from_student: int
    stdout: int
    stderr: int

    def close(self) -> None:
        """Closes our ends of its pipes."""
        for fd in (self.to_student, self.from_student, self.stdout, self.stderr):
            with contextlib.suppress(OSError):
                os.close(fd)


class Cell:
    """One jail for one submission. Use as a context manager; leaving it ends everything inside."""

    def __init__(self, tier: Tier, submission: Path, limits: dict[str, int], masked: tuple[Path, ...] = ()) -> None:
        """Starts the jail and waits until its zygote is ready.

        Args:
            tier: how to confine.
            submission: the copy of the submission's files.
            limits: rlimits by name without `RLIMIT_`, in the kernel's units.
            masked: folders that must not be seen inside.

        Raises:
            TierUnavailable: the tier does not work on this machine, or does not hold what it promises.
        """
        self.tier = tier
        self._root = Path(tempfile.mkdtemp(prefix="threadlab-"))
        self._root.chmod(0o711)
        self._process: subprocess.Popen[bytes] | None = None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, _WHOLE_MESSAGES)
        try:
            with theirs:
                self._start(theirs, submission, limits, masked)
            self._check_canaries()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cell:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(
        self,
        theirs: socket.socket,
        submission: Path,
        limits: dict[str, int],
        masked: tuple[Path, ...],
    ) -> None:
        uid = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        shared = _shared_home if "files" in self.tier.guarantees else None
        layout = Layout(self._root, shared or _copy_home(self._root), submission, masked)
        start = self.tier.plan(layout, uid)
        (self._root / "canary").write_text("canary")
        self._listener = socket.create_server(("127.0.0.1", 0))
        settings = {
            "home": start.home,
            "work": start.work,
            "wipe": [start.work],
            "limits": _enforceable(limits, self.tier),
            "own_pids": self.tier.own_pids,
            "canary_file": str(self._root / "canary"),
            "canary_text": "canary",
            "canary_port": self._listener.getsockname()[1],
            "canary_pid": os.getpid(),
        }
        self.submission = start.submission
        self._run_launcher(start, uid, theirs, settings)

    def _run_launcher(self, start: Start, uid: int | None, theirs: socket.socket, settings: dict[str, Any]) -> None:
        python = [*start.argv, "-s", "-P", "-B", "-c", _BOOT]
        plan = {
            "uid": uid,
            "stage": start.stage,
            "session": start.session,
            "parent": os.getpid(),
            "argv": [*python, str(theirs.fileno()), json.dumps(settings), start.home],
            "env": _environment(start),
        }
        launcher = Path(__file__).with_name("launcher.py")
        self._errors = (self._root / "errors").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(launcher), json.dumps(plan)],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            pass_fds=(theirs.fileno(),),
            cwd="/",
            env={},
        )

    def _check_canaries(self) -> None:
        try:
            hello = self._receive()
        except JailError:
            self._errors.seek(0)
            said = self._errors.read(2000).decode("utf-8", "replace").strip().splitlines()
            raise TierUnavailable(f"it does not start here: {said[-1] if said else 'no message'}") from None
        finally:
            self._listener.close()
        self.stopped: dict[str, bool] = hello["stopped"]
        broken = [name for name in self.tier.guarantees if self.stopped.get(name) is False]
        if broken:
            raise TierUnavailable(f"it does not hold here: {', '.join(broken)} not confined")
        self._zygote_pid = self._find_zygote()

    def _find_zygote(self) -> int:
        assert self._process is not None
        pid = self._process.pid
        if not self.tier.own_pids:
            return pid
        children = _read(f"/proc/{pid}/task/{pid}/children").split()
        return int(children[0]) if children else pid

    # --- requests ---

    def _request(self, fds: list[int] | None = None, **fields: Any) -> dict[str, Any]:
        try:
            socket.send_fds(self._control, [json.dumps(fields).encode()], fds or [])
        except OSError as error:
            raise JailError(f"the zygote is gone: {error}") from None
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        self._control.settimeout(_CONTROL_SECONDS)
        try:
            data = self._control.recv(65_536)
        except OSError as error:
            raise JailError(f"the zygote does not answer: {error}") from None
        if not data:
            raise JailError("the zygote has ended")
        reply: dict[str, Any] = json.loads(data)
        return reply

    def fork(self) -> StudentProcess:
        """Forks a student process, its pipes in place, no student code run yet.

        Raises:
            JailError: the zygote cannot.
        """
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        theirs = [to_read, from_write, out_write, err_write]
        try:
            inner = int(self._request(theirs, do="fork")["pid"])
        finally:
            for fd in theirs:
                os.close(fd)
        for fd in (to_write, from_read, out_read, err_read):
            os.set_blocking(fd, False)
        pid = self._outer_pid(inner)
        return StudentProcess(pid, inner, to_write, from_read, out_read, err_read)

    def _outer_pid(self, inner: int) -> int:
        if not self.tier.own_pids:
            return inner
        zygote = self._zygote_pid
        for child in _read(f"/proc/{zygote}/task/{zygote}/children").split():
            for line in _read(f"/proc/{child}/status").splitlines():
                if line.startswith("NSpid:") and int(line.split()[-1]) == inner:
                    return int(child)
        return 0  # it has died already; its wait status will tell

    def end(self, process: StudentProcess) -> int | None:
        """Kills whatever a test has left running, reaps it, wipes what it wrote.

        Returns:
            the wait status of the student process as `os.waitstatus_to_exitcode` gives it
            (negative: the signal), None where it is not known.
        """
        process.close()
        status = self._request(do="end", pid=process.inner_pid)["status"]
        return None if status is None else os.waitstatus_to_exitcode(status)

    def sockets(self, count: int) -> list[socket.socket]:
        """Fresh TCP sockets that live in the student process's network."""
        if not self.tier.own_network:
            return [socket.socket() for _ in range(count)]
        made: list[socket.socket] = []
        while len(made) < count:
            wanted = min(100, count - len(made))
            socket.send_fds(self._control, [json.dumps({"do": "sockets", "count": wanted}).encode()], [])
            data, fds, _, _ = socket.recv_fds(self._control, 65_536, 128)
            if not data or len(fds) != wanted:
                raise JailError("the zygote passed no sockets")
            made += [socket.socket(fileno=fd) for fd in fds]
        return made

    def close(self) -> None:
        """Ends the jail and everything in it, and removes its files."""
        self._control.close()
        if self._process is not None:
            if not self.tier.own_pids:  # nothing but the zygote knows what a test has left
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(timeout=_CLOSING_SECONDS)
            self._process.kill()
            self._process.wait()
            self._errors.close()
        shutil.rmtree(self._root, ignore_errors=True)


def _enforceable(limits: dict[str, int], tier: Tier) -> dict[str, int]:
    """The limits without the number of processes, where the kernel would count all that the user runs.

    Only in a user namespace of its own, since Linux 5.14, is it counted apart. Elsewhere `Watch` counts.
    """
    release = tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())
    apart = tier.own_pids and release >= (5, 14)
    return {name: value for name, value in limits.items() if apart or name != "NPROC"}


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
    }


_shared_home: Path | None = None


def share_home(folder: Path) -> None:
    """Has all later cells of this process share one copy of our modules, where students cannot write to it.

    Args:
        folder: takes the copy; must be there as long as any cell.
    """
    global _shared_home
    _shared_home = _copy_home(folder)


def _copy_home(root: Path) -> Path:
    """A folder with the only modules of ours that the student process may see."""
    home = root / "home"
    for source, target in _home_files():
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, home / target)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


@cache
def _home_files() -> list[tuple[Path, str]]:
    package = Path(__file__).parent.parent
    found = [(package / name, f"grader/{name}") for name in ("__init__.py", "wire.py")]
    found += _bytecode(package, "grader", ("__init__", "wire"))
    roots = [(package / "student", "grader/student")]
    spec = find_spec("msgspec")
    assert spec is not None and spec.origin is not None
    roots.append((Path(spec.origin).parent, "msgspec"))
    for top, name in roots:
        files = (path for path in top.rglob("*") if path.suffix in (".py", ".pyc", ".so"))
        found += [(path, f"{name}/{path.relative_to(top)}") for path in files]
    return found


def _bytecode(folder: Path, name: str, modules: tuple[str, ...]) -> list[tuple[Path, str]]:
    tag = sys.implementation.cache_tag
    paths = [folder / "__pycache__" / f"{module}.{tag}.pyc" for module in modules]
    return [(path, f"{name}/__pycache__/{path.name}") for path in paths if path.exists()]


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
