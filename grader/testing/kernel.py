"""The kernel's view of the student process: what each of its threads waits for, and for how long.

Sources: proc_pid_syscall(5), proc_pid_stat(5), proc_net(5); Linux Documentation/scheduler/sched-stats.rst
(schedstat: nanoseconds on a CPU, nanoseconds waiting for one, times run). On other systems than
Linux, and on processors whose system calls are not listed here, nothing can be proved: `look` is None.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
from dataclasses import dataclass, field
from typing import Literal

from grader.testing.sleeps import seconds_left

Wait = Literal["running", "untimed", "timed", "unknown"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

# number -> (name, index of the argument that carries the time-out, the values that mean "none")
_POINTER, _MILLISECONDS = (0,), (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_TIMED_BY: dict[str, dict[int, tuple[str, int, tuple[int, ...]]]] = {
    "x86_64": {
        202: ("futex", 3, _POINTER),
        449: ("futex_waitv", 3, _POINTER),
        7: ("poll", 2, _MILLISECONDS),
        271: ("ppoll", 2, _POINTER),
        23: ("select", 4, _POINTER),
        270: ("pselect6", 4, _POINTER),
        232: ("epoll_wait", 3, _MILLISECONDS),
        281: ("epoll_pwait", 3, _MILLISECONDS),
        128: ("rt_sigtimedwait", 2, _POINTER),
        299: ("recvmmsg", 4, _POINTER),
    },
    "aarch64": {
        98: ("futex", 3, _POINTER),
        449: ("futex_waitv", 3, _POINTER),
        73: ("ppoll", 2, _POINTER),
        72: ("pselect6", 4, _POINTER),
        22: ("epoll_pwait", 3, _MILLISECONDS),
        137: ("rt_sigtimedwait", 2, _POINTER),
        243: ("recvmmsg", 4, _POINTER),
    },
}
_UNTIMED: dict[str, dict[int, str]] = {
    "x86_64": {
        0: "read", 1: "write", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev",
        34: "pause", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg",
        47: "recvmsg", 61: "wait4", 72: "fcntl", 73: "flock", 130: "rt_sigsuspend",
        247: "waitid", 288: "accept4", 40: "sendfile", 275: "splice",
    },
    "aarch64": {
        63: "read", 64: "write", 67: "pread64", 68: "pwrite64", 65: "readv", 66: "writev",
        203: "connect", 202: "accept", 206: "sendto", 207: "recvfrom", 211: "sendmsg",
        212: "recvmsg", 260: "wait4", 25: "fcntl", 32: "flock", 133: "rt_sigsuspend",
        95: "waitid", 242: "accept4", 71: "sendfile", 76: "splice",
    },
}  # fmt: skip
_MACHINE = platform.machine()
_PF_EXITING = 0x4  # Linux include/linux/sched.h
_LISTEN = "0A"
_AT_ONCE = 1 << 16
_TCP_ON_THE_WAY = ("02", "03")  # SYN_SENT, SYN_RECV


@dataclass(frozen=True)
class ThreadView:
    """One thread as the kernel shows it at one moment."""

    tid: int
    wait: Wait
    call: str
    """The system call it sits in, with its arguments, as one string."""
    runs: int
    """How often it has been put on a CPU: unchanged means it has not run in between."""
    busy: int = field(default=0, compare=False)
    """Nanoseconds it has run or waited for a CPU to run on."""
    left: float | None = field(default=None, compare=False)
    """Seconds until its wait times out, where that can be told."""


@dataclass(frozen=True)
class View:
    """All threads of the student process and of processes it started, at one moment."""

    threads: tuple[ThreadView, ...]
    cpu: float
    """Seconds of CPU used so far."""
    memory: int
    """Resident bytes, shared ones counted once for each process."""

    @property
    def asleep(self) -> bool:
        """Nobody runs or could run."""
        return all(t.wait in ("untimed", "timed") for t in self.threads)

    @property
    def busy(self) -> int:
        """Nanoseconds that its threads have run or waited for a CPU to run on."""
        return sum(t.busy for t in self.threads)

    @property
    def untimed(self) -> bool:
        """Everybody waits, and nobody for a time to pass."""
        return all(t.wait == "untimed" for t in self.threads)


def can_look() -> bool:
    """Whether this system shows what is needed to prove that a process is stuck."""
    return _MACHINE in _TIMED_BY and os.path.exists("/proc/self/syscall")


def look(pid: int) -> View | None:
    """The view of process `pid`, all its descendants and what they left; None if it is gone or cannot be seen.

    Processes whose parent has died go to the zygote, which is the parent of `pid` and has no other children.
    """
    threads: list[ThreadView] = []
    cpu = memory = 0.0
    for process in _family(pid):
        try:
            tasks = os.listdir(f"/proc/{process}/task")
            fields = _read(f"/proc/{process}/stat").rpartition(")")[2].split()
            pages = int(_read(f"/proc/{process}/statm").split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if not fields or fields[0] in "ZX":
            if len(tasks) < 2:
                continue
            pages = _pages_of_others(process, tasks)  # its main thread has ended, and left the rest to go on
        cpu += (int(fields[11]) + int(fields[12])) / _TICKS
        memory += pages * _PAGE
        views = (_look_at_thread(process, int(tid)) for tid in tasks)
        threads += [view for view in views if view is not None]
    return View(tuple(threads), cpu, int(memory)) if threads else None


def is_ending(pid: int) -> bool:
    """Whether process `pid` has ended, or is about to: its files are closed before it is gone.

    Not if only its main thread has ended, by the kernel's own call, and others of its threads go on.
    """
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return all(_is_ending(f"/proc/{pid}/task/{task}") for task in tasks)
    except OSError:
        return True


def _is_ending(task: str) -> bool:
    try:
        fields = _read(f"{task}/stat").rpartition(")")[2].split()
    except OSError:
        return True
    return fields[0] in "ZX" or bool(int(fields[6]) & _PF_EXITING)


def _pages_of_others(pid: int, tasks: list[str]) -> int:
    """The resident pages of a process whose main thread has given up its share."""
    for task in tasks:
        with contextlib.suppress(OSError, IndexError, ValueError):
            if pages := int(_read(f"/proc/{pid}/task/{task}/statm").split()[1]):
                return pages
    return 0


def count_threads(pid: int) -> int:
    """How many threads the kernel lists for process `pid` itself."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def _family(pid: int) -> list[int]:
    found: list[int] = []
    todo = _children(_parent(pid)) or [pid]
    while todo and len(found) < 1000:
        process = todo.pop()
        found.append(process)
        todo += _children(process)
    return found


def _parent(pid: int) -> int:
    try:
        return int(_read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    except OSError:
        pass
    return found


def _look_at_thread(pid: int, tid: int) -> ThreadView | None:
    folder = f"/proc/{pid}/task/{tid}"
    try:
        ran, waited, runs = map(int, _read(f"{folder}/schedstat").split())
        state = _read(f"{folder}/stat").rpartition(")")[2].split()[0]
        call = _call_of(folder)
    except (OSError, IndexError, ValueError):
        return None  # it has just ended
    if state in "ZX":
        return None
    wait = _wait_of(call, state)
    left = _left(pid, call) if wait == "timed" else None
    return ThreadView(tid, wait, call, runs, ran + waited, left)


def _call_of(folder: str) -> str:
    """The system call in which a thread is; empty while the kernel does not show it.

    To another user than root it does not, for a moment, while the process becomes another program (execve).
    """
    try:
        return _read(f"{folder}/syscall").strip()
    except PermissionError:
        return ""


def _left(pid: int, call: str) -> float | None:
    number, *args = (int(field, 0) for field in call.split()[:7])
    return seconds_left(pid, number, args)


def _wait_of(call: str, state: str) -> Wait:
    if state in "Tt":
        return "untimed"  # stopped by a signal
    if call == "running" or state == "R":
        return "running"
    fields = call.split()
    if state != "S" or len(fields) < 7:
        return "unknown"
    number, args = int(fields[0]), [int(field, 16) for field in fields[1:7]]
    if number in _UNTIMED[_MACHINE]:
        return "untimed"
    timed = _TIMED_BY[_MACHINE].get(number)
    if timed is None:
        return "timed"
    _, index, forever = timed
    return "untimed" if args[index] in forever else "timed"


def awaits_alarm(pid: int) -> bool:
    """Whether a signal of the system's clock may wake process `pid`: it catches SIGALRM (see proc_pid_status(5))."""
    try:
        caught = _read(f"/proc/{pid}/status").partition("SigCgt:")[2].split()[0]
    except (OSError, IndexError):
        return False
    return bool(int(caught, 16) >> (signal.SIGALRM - 1) & 1)


def bytes_on_the_way(pid: int) -> bool:
    """Whether TCP in the network of `pid` still has something to deliver by itself.

    That is a handshake not finished, or bytes sent and not yet acknowledged (the retransmission
    timer runs). Bytes that wait because the other side does not read (zero-window probes) do not count.
    """
    for name in _tcp_tables(pid):
        try:
            lines = _read(f"/proc/{pid}/net/{name}").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] in _TCP_ON_THE_WAY or fields[5].startswith("01:"):
                return True
    return False


def accept_queue(pid: int, port: int) -> int:
    """How many connections wait at a port, in the network of `pid`, for a server to accept them."""
    waiting = 0
    for name in _tcp_tables(pid):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/net/{name}") as file:
            next(file)
            for line in file:
                fields = line.split()
                if fields[3] != _LISTEN:
                    break  # those that listen come first
                if int(fields[1].rpartition(":")[2], 16) == port:
                    waiting += int(fields[4].rpartition(":")[2], 16)
    return waiting


def _tcp_tables(pid: int) -> list[str]:
    """The tables of TCP sockets that hold any, in the network of `pid`: to list even an empty one takes a while."""
    found = []
    for name, counts in (("tcp", "sockstat"), ("tcp6", "sockstat6")):
        try:
            in_use = _read(f"/proc/{pid}/net/{counts}").partition(f"{name.upper()}: inuse ")[2].split()
        except OSError:
            continue
        if in_use[:1] != ["0"]:
            found.append(name)
    return found


def _read(path: str) -> str:
    """What a file of /proc holds; without the layers of `open`, since a test reads hundreds of them."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = b""
        while more := os.read(descriptor, _AT_ONCE):  # whole lines, and not all of them at once
            data += more
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace")
