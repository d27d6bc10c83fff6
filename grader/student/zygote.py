"""The zygote: waits inside the jail, imports nothing of the student's, forks once for each test.

It is told what to do over one Unix socket, on which file descriptors travel too:
the trusted side sends the pipes of a test in, and gets sockets of the jail's network out.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import gc
import json
import os
import resource
import signal
import socket
import sys
from typing import Any, NoReturn

from grader.student import canaries
from grader.student.clearing import empty, end_processes
from grader.student.compiled import Compiled
from grader.student.confining import PR_SET_DUMPABLE, PR_SET_PDEATHSIG, confine, install_filter, limit_cpu, prctl
from grader.student.harness import Harness
from grader.student.seal import Seal

_FIRST_HIGH_FD = 900

PRE_IMPORTED = [
    "array",
    "bisect",
    "collections",
    "contextlib",
    "copy",
    "dataclasses",
    "enum",
    "errno",
    "functools",
    "grader.student.exploring",
    "heapq",
    "inspect",
    "io",
    "itertools",
    "json",
    "math",
    "operator",
    "queue",
    "random",
    "re",
    "select",
    "selectors",
    "signal",
    "socket",
    "string",
    "struct",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "weakref",
]
"""What is imported before the first fork, the controlled world too: every test gets it for free."""

NEEDED = {
    b"concurrent": ["concurrent.futures.thread"],
    b"html": ["html.parser"],
    b"http": ["http.client"],
    b"logging": ["logging"],
    b"socketserver": ["socketserver"],
    b"urllib": ["urllib.error", "urllib.parse", "urllib.request"],
}
"""What is imported before the tests of a module whose text has the word: the larger we are, the dearer each fork."""

_MOST_SOURCE = 1 << 18
_RESERVED = 300
"""Numbers of tasks that are given only once (Linux kernel/pid.c, `RESERVED_PIDS`)."""


class Zygote:
    """Serves requests on the control socket until the trusted side closes it."""

    def __init__(self, control: socket.socket, settings: dict[str, Any], announces: bool) -> None:
        """Args: control: the Unix socket. settings: of the tier. announces: whether announcements are heard."""
        self._control = control
        self._settings = settings
        self._announces = announces
        self._seal = Seal()
        self._compiled = Compiled()
        self._loaded: set[str] = set()
        self._probes = self._last = self._rounds = 0

    def serve(self) -> None:
        """Answers requests, one at a time: `sockets`, `fork`, `count`, `end`, `forget`."""
        while True:
            data, fds, _, _ = socket.recv_fds(self._control, 65_536, 8)
            if not data:
                self._clear(0)
                return
            request = json.loads(data)
            if request["do"] == "sockets":
                self._pass_sockets(request["count"])
            elif request["do"] == "fork":
                self._reply(pid=self._fork(fds, request["module"]))
            elif request["do"] == "count":
                self._reply(tasks=self._tasks())
            elif request["do"] == "forget":
                self._compiled = Compiled()
                self._loaded.clear()
                self._reply()
            else:
                status, left = self._clear(request["pid"])
                self._reply(status=status, left=left)

    def _reply(self, **fields: Any) -> None:
        self._control.send(json.dumps(fields).encode())

    def _pass_sockets(self, count: int) -> None:
        made = [socket.socket() for _ in range(count)]
        socket.send_fds(self._control, [b"{}"], [s.fileno() for s in made])
        for s in made:
            s.close()

    def _fork(self, fds: list[int], module: str) -> int:
        is_first = module not in self._loaded
        self._loaded.add(module)
        if is_first:
            import_for(module)
        self._compiled.of(module)
        pid = os.fork()
        if pid == 0:
            self._become_student(fds, is_first)
        for fd in fds:
            os.close(fd)
        return pid

    def _become_student(self, fds: list[int], is_first: bool) -> NoReturn:
        """The forked child: its pipes in place, nothing of the zygote's left open."""
        status = 70
        try:
            os.setpgid(0, 0)
            self._control.close()
            most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            high = min(_FIRST_HIGH_FD, most - 8)
            to_student, to_grader = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, high) for fd in fds[:2])
            os.dup2(fds[2], 1)
            os.dup2(fds[3], 2)
            for fd in fds:
                os.close(fd)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            limit_cpu(self._settings["cpu"])
            prctl(PR_SET_DUMPABLE, 1)  # the trusted side reads /proc/<pid>/task/*/syscall
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            faulthandler.enable(file=2)
            Harness(to_student, to_grader, self._announces, self._seal, is_first, self._compiled).run()
        finally:
            os._exit(status)

    def _tasks(self) -> int:
        """How many tasks the kernel has started here: it numbers them, and begins again at the end."""
        number = self._last_number()
        if number < self._last:
            self._rounds += 1
        self._last = number
        return number + self._rounds * (_most_tasks() - _RESERVED) - self._probes

    def _last_number(self) -> int:
        with contextlib.suppress(OSError), open("/proc/sys/kernel/ns_last_pid") as file:
            return int(file.read())
        self._probes += 1  # the number that one of our own gets tells it, too
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        return pid

    def _clear(self, pid: int) -> tuple[int | None, int]:
        """Ends and forgets a test; see `end_processes`."""
        status, left = end_processes(pid, self._settings["own_pids"])
        for folder in self._settings["wipe"]:
            empty(folder)
        return status, left


def _most_tasks() -> int:
    """The number that no task gets any more; after it the kernel begins again with those that it does not reserve."""
    with open("/proc/sys/kernel/pid_max") as file:
        return int(file.read())


def import_for(module: str) -> None:
    """Imports what the text of a module speaks of, and holds it to be there for good.

    Args:
        module: its path; one that cannot be read needs nothing.
    """
    try:
        with open(module, "rb") as file:
            text = file.read(_MOST_SOURCE)
    except (OSError, ValueError):
        return
    names = [name for word, names in NEEDED.items() if word in text for name in names if name not in sys.modules]
    for name in names:
        __import__(name)
    if names:
        gc.collect()
        gc.freeze()


def main() -> None:
    """Starts the zygote: its argument is the control socket's number, over which the settings come."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(control.recv(1 << 17))
    for name in PRE_IMPORTED:
        __import__(name)
    sys.path.remove(settings["home"])
    sys.dont_write_bytecode = True
    sys.argv = [""]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that Python would not leave to the kernel
    os.chdir(settings["work"])
    confine(settings["processes"])
    outcome, reports = install_filter(settings["filters"])
    socket.send_fds(control, [json.dumps({"filter": outcome}).encode()], reports)
    for descriptor in reports:
        os.close(descriptor)  # whoever holds it decides about refused calls
    if not settings["own_pids"]:  # the control socket tells when the trusted side is gone; there are children to end
        prctl(PR_SET_PDEATHSIG, 0)
    said = {"python": sys.version.split()[0], "stopped": canaries.stopped(settings), "broken": canaries.broken()}
    control.send(json.dumps(said).encode())
    zygote = Zygote(control, settings, outcome == "reported")
    gc.collect()
    gc.freeze()
    zygote.serve()
