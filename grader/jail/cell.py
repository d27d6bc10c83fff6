"""A cell: one started jail with its zygote, from which a student process is forked for each test."""

from __future__ import annotations

import base64
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

from grader.jail import seccomp
from grader.jail.announcements import Announced, Announcements
from grader.jail.cgroup import Group
from grader.jail.denials import Denials, Handler
from grader.jail.ports import NoPorts, Ports
from grader.jail.tiers import NOBODY, Layout, Start, Tier, TierUnavailable

_CLOSING_SECONDS = 5.0
_CONTROL_SECONDS = 30.0
"""A zygote runs no student code: one that is silent for so long is broken."""

_WHOLE_MESSAGES = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM

_INIT = 1
"""The zygote's own number in a jail with process numbers of its own; as -1, everybody."""

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
            limits: rlimits by name without `RLIMIT_`, in the kernel's units; `MEMORY`: bytes for all processes.
            masked: folders that must not be seen inside.

        Raises:
            TierUnavailable: the tier does not work on this machine, or does not hold what it promises.
        """
        self.tier = tier
        self._root = Path(tempfile.mkdtemp(prefix="threadlab-"))
        self._root.chmod(0o711)
        self._process: subprocess.Popen[bytes] | None = None
        self._denials: Denials | None = None
        self._ports: Ports | None = None
        self._announcements = Announcements()
        self.left_behind = 0
        """Processes, other than the student's own, that had to be killed at the end of the last test."""
        if getattr(tier, "on_request", False):  # it is there to confine nothing
            limits = {}
        self._group = Group(limits.get("MEMORY", 1 << 40), limits.get("NPROC", 1 << 20))
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

    @property
    def guarantees(self) -> tuple[str, ...]:
        """What is confined: what the tier promises, and memory where the kernel bounds that of all processes."""
        return (*self.tier.guarantees, *(["memory"] if "memory" in self._group.holds else []))

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
        if self.tier.tcp_only:
            self._take_ports()
        (self._root / "canary").write_text("canary")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.submission = start.submission
        rlimits = {name: value for name, value in limits.items() if name not in ("MEMORY", "NPROC")}
        self._run_launcher(start, uid, theirs, rlimits)
        settings = {
            "home": start.home,
            "work": start.work,
            "wipe": [start.work],
            "processes": _most_processes(limits, self.tier),
            "own_pids": self.tier.own_pids,
            "filters": self._filters(),
            "canary_file": str(self._root / "canary"),
            "canary_text": "canary",
            "canary_port": self._listener.getsockname()[1],
            "canary_pid": os.getpid(),
        }
        with contextlib.suppress(OSError):  # if it has not started, it does not say hello either
            self._control.send(json.dumps(settings).encode())

    def _take_ports(self) -> None:
        try:
            self._ports = Ports()
        except (NoPorts, OSError) as error:
            raise TierUnavailable(str(error)) from None

    def _run_launcher(self, start: Start, uid: int | None, theirs: socket.socket, rlimits: dict[str, int]) -> None:
        python = [*start.argv, "-s", "-P", "-B", "-c", _BOOT]
        ports = list(self._ports.numbers) if self._ports else []
        plan = {
            "uid": uid,
            "stage": start.stage,
            "sized": start.sized,
            "groups": self._group.entrances,
            "network": self.tier.own_network and uid is not None,
            "limits": rlimits,
            "confine": {**start.confine, "ports": ports} if start.confine else None,
            "session": start.session,
            "parent": os.getpid(),
            "argv": [*python, str(theirs.fileno()), start.home],
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

    def _filters(self) -> list[str]:
        """The filter that reports to us, and one for where the kernel has no such reports; nothing if there is none."""
        assert self._process is not None
        spared = [_INIT] if self.tier.own_pids else [_INIT, self._process.pid, *_ourselves_and_above()]
        made = [
            seccomp.program(self.tier.tcp_only, self.tier.own_pids, spared, notify)
            for notify in (True, False)
            if self.tier.filtered
        ]
        return [base64.b64encode(one).decode() for one in made if one]

    def _check_canaries(self) -> None:
        try:
            self._listen(*self._hello())
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
        if hello["broken"]:
            raise TierUnavailable(f"programs do not work in it here: {hello['broken']}")
        self._zygote_pid = self._find_zygote()
        _choose_victim(self._zygote_pid, -1000)
        self.refused()

    def _hello(self) -> tuple[str, list[int]]:
        """How the filter came out, and the descriptor on which it reports."""
        self._control.settimeout(_CONTROL_SECONDS)
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 65_536, 4)
        except OSError as error:
            raise JailError(f"the zygote does not answer: {error}") from None
        if not data:
            raise JailError("the zygote has ended")
        return json.loads(data)["filter"], fds

    def _listen(self, outcome: str, fds: list[int]) -> None:
        self.filter = outcome
        """"reported": refused system calls are noted; "silent": they are refused; or why there is no filter."""
        if fds:
            handlers: dict[str, Handler] = {"prctl": self._announcements.take}
            if self._ports is not None:
                handlers["bind"] = self._ports.bind_for
            self._denials = Denials(fds[0], handlers)

    def _find_zygote(self) -> int:
        assert self._process is not None
        pid = self._process.pid
        if not self.tier.own_pids:
            return pid
        children = _read(f"/proc/{pid}/task/{pid}/children").split()
        return int(children[0]) if children else pid

    # --- what was seen from outside ---

    def refused(self) -> list[str]:
        """The system calls that the filter has refused since this was last asked, by name, each once."""
        return self._denials.take() if self._denials else []

    @property
    def announces(self) -> bool:
        """Whether threads of the student process announce what they do, so that the kernel tells which they are."""
        return self.filter == "reported"

    def announced(self, number: int) -> Announced | None:
        """Who has announced `number` in the present test; None: nobody."""
        return self._announcements.made(number)

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process in here, since this was last asked, for want of memory."""
        return self._group.ran_out()

    def tasks_started(self) -> int | None:
        """How many processes and threads the kernel has started in here so far; None where it cannot be told."""
        return int(self._request(do="count")["tasks"]) if self.tier.own_pids else None

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

    def fork(self, module: str = "") -> StudentProcess:
        """Forks a student process, its pipes in place, no student code run yet.

        Args:
            module: the path, as seen inside, of the module that it is going to load: compiled once for all processes.

        Raises:
            JailError: the zygote cannot.
        """
        self._announcements.clear()
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        theirs = [to_read, from_write, out_write, err_write]
        try:
            inner = int(self._request(theirs, do="fork", module=module)["pid"])
        finally:
            for fd in theirs:
                os.close(fd)
        for fd in (to_write, from_read, out_read, err_read):
            os.set_blocking(fd, False)
        pid = self._outer_pid(inner)
        _choose_victim(pid, 1000)
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
        reply = self._request(do="end", pid=process.inner_pid)
        status, self.left_behind = reply["status"], int(reply["left"])
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

    def bind(self, sock: socket.socket) -> None:
        """Binds one of those sockets to a port that programs in the jail can reach."""
        if self._ports is not None:
            self._ports.bind(sock, "127.0.0.1")
        else:
            sock.bind(("127.0.0.1", 0))

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
        if self._denials is not None:
            self._denials.close()
            self._denials = None
        if self._ports is not None:
            self._ports.close()
        self._group.close()
        shutil.rmtree(self._root, ignore_errors=True)


def _most_processes(limits: dict[str, int], tier: Tier) -> int | None:
    """The limit on processes, where the kernel would not count all that the user runs.

    Only in a user namespace of its own, since Linux 5.14, is it counted apart. Elsewhere the control group bounds it,
    or `Watch` counts.
    """
    release = tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit())
    return limits.get("NPROC") if tier.own_pids and release >= (5, 14) else None


def _ourselves_and_above() -> list[int]:
    """This process and those that it comes from."""
    found, pid = [os.getpid()], os.getppid()
    while pid > 1 and len(found) < 30:
        found.append(pid)
        fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
        pid = int(fields[1]) if len(fields) > 1 else 0
    return found


def _choose_victim(pid: int, score: int) -> None:
    """Whom the kernel ends first when memory runs out (proc_pid_oom_score_adj(5)): the student's, not the zygote."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w") as file:
        file.write(str(score))


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
    found = [(package / "__init__.py", "grader/__init__.py"), *_bytecode(package, "grader", ("__init__",))]
    roots = [(package / room, f"grader/{room}") for room in ("student", "wire")]
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
