"""A cell: one started jail with its zygote, from which a student process is forked for each test."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.jail import starting
from grader.jail.announcements import Announced, Announcements
from grader.jail.cgroup import Group
from grader.jail.control import Control, JailError
from grader.jail.denials import Denials, Handler
from grader.jail.home import home_for
from grader.jail.ports import NoPorts, Ports
from grader.jail.processes import choose_victim, first_child, number_outside
from grader.jail.socket_limits import SocketLimits
from grader.jail.tiers import NOBODY, Layout, Tier, TierUnavailable

_CLOSING_SECONDS = 5.0


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
        self._socket_limits = SocketLimits()
        self.left_behind = 0
        """Processes, other than the student's own, that had to be killed at the end of the last test."""
        if getattr(tier, "on_request", False):  # it is there to confine nothing
            limits = {}
        self._group = Group(limits.get("MEMORY", 1 << 40), limits.get("NPROC", 1 << 20))
        self._control = Control()
        try:
            with starting.canaries(self._root) as canaries:
                self._start(submission, limits, masked, canaries)
                self._check_start()
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

    # --- its start ---

    def _start(
        self, submission: Path, limits: dict[str, int], masked: tuple[Path, ...], canaries: dict[str, Any]
    ) -> None:
        uid = NOBODY if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        home = home_for(self._root, shared="files" in self.tier.guarantees)
        start = self.tier.plan(Layout(self._root, home, submission, masked), uid)
        self.submission = start.submission
        if self.tier.tcp_only:
            self._take_ports()
        self._errors = (self._root / "errors").open("w+b")
        with self._control.theirs as theirs:
            self._process = starting.launch(
                self.tier, start, uid, limits, self._group, self._ports, theirs, self._errors
            )
            self._control.tell(starting.settings(self.tier, start, limits, self._process.pid) | canaries)

    def _take_ports(self) -> None:
        try:
            self._ports = Ports()
        except (NoPorts, OSError) as error:
            raise TierUnavailable(str(error)) from None

    def _check_start(self) -> None:
        """Hears how it has gone: what the filter came to, and the canaries."""
        try:
            filtered, descriptors = self._control.receive(most_descriptors=4)
            self._listen(filtered["filter"], descriptors)
            hello, _ = self._control.receive()
        except JailError:
            self._errors.seek(0)
            said = self._errors.read(2000).decode("utf-8", "replace").strip().splitlines()
            raise TierUnavailable(f"it does not start here: {said[-1] if said else 'no message'}") from None
        self.stopped: dict[str, bool] = hello["stopped"]
        broken = [name for name in self.tier.guarantees if self.stopped.get(name) is False]
        if broken:
            raise TierUnavailable(f"it does not hold here: {', '.join(broken)} not confined")
        if hello["broken"]:
            raise TierUnavailable(f"programs do not work in it here: {hello['broken']}")
        assert self._process is not None
        launched = self._process.pid
        self._zygote_pid = (first_child(launched) or launched) if self.tier.own_pids else launched
        choose_victim(self._zygote_pid, -1000)
        self.refused()

    def _listen(self, outcome: str, fds: list[int]) -> None:
        self.filter = outcome
        """"reported": refused system calls are noted; "silent": they are refused; or why there is no filter."""
        if fds:
            handlers: dict[str, Handler] = {"prctl": self._announcements.take, "setsockopt": self._socket_limits.take}
            if self._ports is not None:
                handlers["bind"] = self._ports.bind_for
            self._denials = Denials(fds[0], handlers)

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

    @property
    def limits_sockets(self) -> bool:
        """Whether the present test's program has given a socket a time limit of the kernel's."""
        return self._socket_limits.seen

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process in here, since this was last asked, for want of memory."""
        return self._group.ran_out()

    def tasks_started(self) -> int | None:
        """How many processes and threads the kernel has started in here so far; None where it cannot be told."""
        return int(self._control.request(do="count")["tasks"]) if self.tier.own_pids else None

    def remembers(self) -> int:
        """How many connections its network remembers, which are over: each keeps its port for a minute.

        Of a network of its own, which forgets them at once where they become too many; else none.
        """
        if not self.tier.own_network:
            return 0
        with contextlib.suppress(OSError), open(f"/proc/{self._zygote_pid}/net/sockstat") as file:
            found = re.search(r"^TCP: .* tw (\d+)", file.read(), re.MULTILINE)
            return int(found[1]) if found else 0
        return 0

    # --- requests ---

    def fork(self, module: str = "") -> StudentProcess:
        """Forks a student process, its pipes in place, no student code run yet.

        Args:
            module: the path, as seen inside, of the module that it is going to load: compiled once for all processes.

        Raises:
            JailError: the zygote cannot.
        """
        self._announcements.clear()
        self._socket_limits.clear()
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        theirs = [to_read, from_write, out_write, err_write]
        try:
            inner = int(self._control.request(theirs, do="fork", module=module)["pid"])
        finally:
            for fd in theirs:
                os.close(fd)
        for fd in (to_write, from_read, out_read, err_read):
            os.set_blocking(fd, False)
        # 0: it has died already; its wait status will tell
        pid = number_outside(self._zygote_pid, inner) if self.tier.own_pids else inner
        choose_victim(pid, 1000)
        return StudentProcess(pid, inner, to_write, from_read, out_read, err_read)

    def end(self, process: StudentProcess) -> int | None:
        """Kills whatever a test has left running, reaps it, wipes what it wrote.

        Returns:
            the wait status of the student process as `os.waitstatus_to_exitcode` gives it
            (negative: the signal), None where it is not known.
        """
        process.close()
        reply = self._control.request(do="end", pid=process.inner_pid)
        status, self.left_behind = reply["status"], int(reply["left"])
        return None if status is None else os.waitstatus_to_exitcode(status)

    def forget(self) -> None:
        """Forgets the modules of earlier tests: what comes is the first test of a submission."""
        self._control.request(do="forget")

    def sockets(self, count: int) -> list[socket.socket]:
        """Fresh TCP sockets that live in the student process's network."""
        if not self.tier.own_network:
            return [socket.socket() for _ in range(count)]
        return self._control.request_sockets(count)

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
