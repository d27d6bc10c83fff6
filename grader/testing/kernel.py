"""The kernel's view of the student process: what each of its threads waits for, and for how long.

Sources: proc_pid_syscall(5), proc_pid_stat(5); Linux Documentation/scheduler/sched-stats.rst
(schedstat: nanoseconds on a CPU, nanoseconds waiting for one, times run). On other systems than Linux, and on
processors whose system calls are not listed (`grader.testing.waits`), nothing can be proved: see `can_look`.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass, field, replace

from grader.testing import waits
from grader.testing.procfs import read
from grader.testing.sleeps import seconds_left
from grader.testing.waits import Wait, wait_of

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

_ON_SOCKETS = frozenset(("accept", "accept4", "connect", "recvfrom", "recvmsg", "sendto", "sendmsg", "sendfile"))
_PF_EXITING = 0x4  # Linux include/linux/sched.h


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

    def with_limits_on_sockets(self) -> View:
        """The same, where a call on a socket may end by itself: the kernel does not show how long it waits there."""
        threads = (replace(t, wait="timed") if _waits_on_socket(t) else t for t in self.threads)
        return replace(self, threads=tuple(threads))

    @property
    def busy(self) -> int:
        """Nanoseconds that its threads have run or waited for a CPU to run on."""
        return sum(t.busy for t in self.threads)

    @property
    def untimed(self) -> bool:
        """Everybody waits, and nobody for a time to pass."""
        return all(t.wait == "untimed" for t in self.threads)


def _waits_on_socket(thread: ThreadView) -> bool:
    return thread.wait == "untimed" and waits.name_of(thread.call) in _ON_SOCKETS


def can_look() -> bool:
    """Whether this system shows what is needed to prove that a process is stuck."""
    return waits.are_known() and os.path.exists("/proc/self/syscall")


def look(pid: int) -> View | None:
    """The view of process `pid`, all its descendants and what they left; None if it is gone or cannot be seen.

    Processes whose parent has died go to the zygote, which is the parent of `pid` and has no other children.
    """
    threads: list[ThreadView] = []
    cpu = memory = 0.0
    for process in _family(pid):
        try:
            tasks = os.listdir(f"/proc/{process}/task")
            fields = read(f"/proc/{process}/stat").rpartition(")")[2].split()
            pages = int(read(f"/proc/{process}/statm").split()[1])
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


def memory_shared_out(pid: int) -> int:
    """Resident bytes of `pid` and all its descendants, each page shared out among the processes that have it.

    It takes longer than `look`, whose sum counts what sixty children share with their parent sixty times
    (proc_pid_smaps(5), `Pss`).
    """
    return sum(map(_share_of_memory, _family(pid)))


def _share_of_memory(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        return int(read(f"/proc/{pid}/smaps_rollup").partition("\nPss:")[2].split()[0]) << 10
    with contextlib.suppress(OSError, IndexError, ValueError):  # it may not be looked at so closely
        return int(read(f"/proc/{pid}/statm").split()[1]) * _PAGE
    return 0


def is_stopped(pid: int) -> bool:
    """Whether all threads of process `pid` are stopped by a signal, or have ended.

    The signal is taken by one thread of the process, which stops the others: until it has had a CPU they go on.
    """
    with contextlib.suppress(OSError):
        return all(state_of(pid, int(task)) in ("T", "t", "") for task in os.listdir(f"/proc/{pid}/task"))
    return True


def is_ending(pid: int) -> bool:
    """Whether process `pid` has ended, or is about to: its files are closed before it is gone.

    Where it ends as a whole, each thread that has not gone yet has been sent SIGKILL (Linux kernel/signal.c,
    `zap_other_threads`). Not if only its main thread has ended, by the kernel's own call, and others go on.
    """
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return all(_is_ending(f"/proc/{pid}/task/{task}") for task in tasks)
    except OSError:
        return True


def _is_ending(task: str) -> bool:
    try:
        fields = read(f"{task}/stat").rpartition(")")[2].split()
        return _ends(fields) or bool(_signals(task, "SigPnd") >> (signal.SIGKILL - 1) & 1)
    except OSError:
        return True


def _ends(fields: list[str]) -> bool:
    return fields[0] in "ZX" or bool(int(fields[6]) & _PF_EXITING)


def _pages_of_others(pid: int, tasks: list[str]) -> int:
    """The resident pages of a process whose main thread has given up its share."""
    for task in tasks:
        with contextlib.suppress(OSError, IndexError, ValueError):
            if pages := int(read(f"/proc/{pid}/task/{task}/statm").split()[1]):
                return pages
    return 0


def count_threads(pid: int) -> int:
    """How many threads the kernel lists for process `pid` itself."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def state_of(pid: int, task: int) -> str:
    """The state of a thread of process `pid`, one letter as in proc_pid_stat(5); empty if it has ended, or ends now."""
    with contextlib.suppress(OSError):
        fields = read(f"/proc/{pid}/task/{task}/stat").rpartition(")")[2].split()
        return "" if _ends(fields) else fields[0]
    return ""


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
        return int(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, read(f"/proc/{pid}/task/{task}/children").split())
    except OSError:
        pass
    return found


def _look_at_thread(pid: int, tid: int) -> ThreadView | None:
    folder = f"/proc/{pid}/task/{tid}"
    try:
        ran, waited, runs = map(int, read(f"{folder}/schedstat").split())
        state = read(f"{folder}/stat").rpartition(")")[2].split()[0]
        call = _call_of(folder)
    except (OSError, IndexError, ValueError):
        return None  # it has just ended
    if state in "ZX":
        return None
    wait = wait_of(call, state)
    left = _left(pid, call) if wait == "timed" else None
    return ThreadView(tid, wait, call, runs, ran + waited, left)


def _call_of(folder: str) -> str:
    """The system call in which a thread is; empty while the kernel does not show it.

    To another user than root it does not, for a moment, while the process becomes another program (execve).
    """
    try:
        return read(f"{folder}/syscall").strip()
    except PermissionError:
        return ""


def _left(pid: int, call: str) -> float | None:
    number, *args = (int(field, 0) for field in call.split()[:7])
    return seconds_left(pid, number, args)


def awaits_alarm(pid: int) -> bool:
    """Whether a signal of the system's clock may wake process `pid`: it catches SIGALRM (see proc_pid_status(5))."""
    try:
        return bool(_signals(f"/proc/{pid}", "SigCgt") >> (signal.SIGALRM - 1) & 1)
    except OSError:
        return False


def _signals(task: str, kind: str) -> int:
    """A set of signals of a thread, as proc_pid_status(5) shows it: bit 0 is signal 1."""
    found = read(f"{task}/status").partition(f"{kind}:")[2].split(maxsplit=1)
    return int(found[0], 16) if found else 0
