"""The zygote: waits inside the jail, imports nothing of the student's, forks once for each test.

It is told what to do over one Unix socket, on which file descriptors travel too:
the trusted side sends the pipes of a test in, and gets sockets of the jail's network out.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import fcntl
import gc
import json
import os
import resource
import shutil
import signal
import socket
import sys
from typing import Any, NoReturn

from grader.student.harness import Harness

_FIRST_HIGH_FD = 900
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PR_SET_NO_NEW_PRIVS, _PR_SET_CHILD_SUBREAPER = 38, 36

PRE_IMPORTED = [
    "array",
    "bisect",
    "collections",
    "concurrent.futures.thread",
    "contextlib",
    "copy",
    "dataclasses",
    "enum",
    "errno",
    "functools",
    "grader.student.exploring",
    "heapq",
    "html.parser",
    "http.client",
    "inspect",
    "io",
    "itertools",
    "json",
    "logging",
    "math",
    "operator",
    "queue",
    "random",
    "re",
    "select",
    "selectors",
    "signal",
    "socket",
    "socketserver",
    "string",
    "struct",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "urllib.error",
    "urllib.parse",
    "urllib.request",
    "weakref",
]
"""What is imported before the first fork, the controlled world too: every test gets it for free."""


class Zygote:
    """Serves requests on the control socket until the trusted side closes it."""

    def __init__(self, control: socket.socket, settings: dict[str, Any]) -> None:
        """Args: control: the Unix socket. settings: limits, `own_pids`, `wipe`, as the tier set them."""
        self._control = control
        self._settings = settings

    def serve(self) -> None:
        """Answers requests, one at a time: `sockets`, `fork`, `end`."""
        while True:
            data, fds, _, _ = socket.recv_fds(self._control, 65_536, 8)
            if not data:
                self._end(0)
                return
            request = json.loads(data)
            if request["do"] == "sockets":
                self._pass_sockets(request["count"])
            elif request["do"] == "fork":
                self._reply(pid=self._fork(fds))
            else:
                self._reply(status=self._end(request["pid"]))

    def _reply(self, **fields: Any) -> None:
        self._control.send(json.dumps(fields).encode())

    def _pass_sockets(self, count: int) -> None:
        made = [socket.socket() for _ in range(count)]
        socket.send_fds(self._control, [b"{}"], [s.fileno() for s in made])
        for s in made:
            s.close()

    def _fork(self, fds: list[int]) -> int:
        pid = os.fork()
        if pid == 0:
            self._become_student(fds)
        for fd in fds:
            os.close(fd)
        return pid

    def _become_student(self, fds: list[int]) -> NoReturn:
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
            _prctl(_PR_SET_DUMPABLE, 1)  # the trusted side reads /proc/<pid>/task/*/syscall
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            faulthandler.enable(file=2)
            Harness(to_student, to_grader).run()
        finally:
            os._exit(status)

    def _end(self, pid: int) -> int | None:
        """Kills what is left of a test, reaps it and clears what it wrote; the wait status of `pid`."""
        status = None
        while True:
            self._kill_all(pid)
            try:
                gone, code = os.waitpid(-1, 0)
            except ChildProcessError:
                break
            if gone == pid:
                status = code
        for folder in self._settings["wipe"]:
            _empty(folder)
        return status

    def _kill_all(self, pid: int) -> None:
        if self._settings["own_pids"]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            return
        if pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        for child in _children_of(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)


def _children_of(pid: int) -> list[int]:
    """All children, of every thread; orphans come to us because we are a subreaper."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                for child in file.read().split():
                    found += [int(child), *_children_of(int(child))]
    return found


def _empty(folder: str) -> None:
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _confine(limits: dict[str, int]) -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_DUMPABLE, 0)  # the student's code must not trace or read us
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            _, hard = resource.getrlimit(number)
            if hard != resource.RLIM_INFINITY:
                value = min(value, hard)
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some
                resource.setrlimit(number, (value, value))


def _canaries(settings: dict[str, Any]) -> dict[str, bool]:
    """Tries what the tier should forbid; for each attempt whether it was stopped."""
    stopped = {}
    try:
        with open(settings["canary_file"]) as file:
            stopped["files"] = file.read() != settings["canary_text"]
    except OSError:
        stopped["files"] = True
    try:
        with socket.create_connection(("127.0.0.1", settings["canary_port"]), timeout=1):
            stopped["network"] = False
    except OSError:
        stopped["network"] = True
    try:
        os.kill(settings["canary_pid"], 0)
        stopped["processes"] = settings["canary_pid"] == os.getpid()  # ourselves, under the number it has outside
    except PermissionError:
        stopped["processes"] = False
    except ProcessLookupError:
        stopped["processes"] = True
    return stopped


def main() -> None:
    """Starts the zygote: arguments are the control socket's number and the settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    for name in PRE_IMPORTED:
        __import__(name)
    sys.path.remove(settings["home"])
    sys.dont_write_bytecode = True
    sys.argv = [""]
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    os.chdir(settings["work"])
    _confine(settings["limits"])
    if not settings["own_pids"]:
        _prctl(
            _PR_SET_PDEATHSIG, 0
        )  # the control socket tells when the trusted side is gone; there are children to end
    stopped = _canaries(settings)
    control.send(json.dumps({"python": sys.version.split()[0], "stopped": stopped}).encode())
    gc.collect()
    gc.freeze()
    Zygote(control, settings).serve()
