"""The zygote: waits inside the jail, imports nothing of the student's, forks once for each test.

It is told what to do over one Unix socket, on which file descriptors travel too:
the trusted side sends the pipes of a test in, and gets sockets of the jail's network out.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import faulthandler
import fcntl
import gc
import itertools
import json
import os
import platform
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn

from grader.student.compiled import Compiled
from grader.student.harness import Harness
from grader.student.seal import Seal

_FIRST_HIGH_FD = 900
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PR_SET_NO_NEW_PRIVS, _PR_SET_CHILD_SUBREAPER = 38, 36
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8  # Linux include/uapi/linux/seccomp.h

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

    def __init__(self, control: socket.socket, settings: dict[str, Any], announces: bool) -> None:
        """Args: control: the Unix socket. settings: of the tier. announces: whether announcements are heard."""
        self._control = control
        self._settings = settings
        self._announces = announces
        self._seal = Seal()
        self._compiled = Compiled()
        self._probes = 0

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
                self._reply(pid=self._fork(fds, request["module"]))
            elif request["do"] == "count":
                self._reply(tasks=self._tasks())
            else:
                status, left = self._end(request["pid"])
                self._reply(status=status, left=left)

    def _reply(self, **fields: Any) -> None:
        self._control.send(json.dumps(fields).encode())

    def _pass_sockets(self, count: int) -> None:
        made = [socket.socket() for _ in range(count)]
        socket.send_fds(self._control, [b"{}"], [s.fileno() for s in made])
        for s in made:
            s.close()

    def _fork(self, fds: list[int], module: str) -> int:
        codes = {module: self._compiled.of(module)} if module else {}
        pid = os.fork()
        if pid == 0:
            self._become_student(fds, codes)
        for fd in fds:
            os.close(fd)
        return pid

    def _become_student(self, fds: list[int], codes: dict[str, bytes]) -> NoReturn:
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
            _prctl(_PR_SET_DUMPABLE, 1)  # the trusted side reads /proc/<pid>/task/*/syscall
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            faulthandler.enable(file=2)
            Harness(to_student, to_grader, self._announces, self._seal, codes).run()
        finally:
            os._exit(status)

    def _tasks(self) -> int:
        """How many tasks the kernel has started here: it numbers them one after the other."""
        with contextlib.suppress(OSError), open("/proc/sys/kernel/ns_last_pid") as file:
            return int(file.read()) - self._probes
        self._probes += 1  # the number that one of our own gets tells it, too
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        return pid - self._probes

    def _end(self, pid: int) -> tuple[int | None, int]:
        """Kills what is left of a test, reaps it and clears what it wrote.

        Returns:
            the wait status of `pid`, and how many other processes had to be killed.
        """
        status, left = None, 0
        while True:
            self._kill_all(pid)
            try:
                gone, code = os.waitpid(-1, 0)
            except ChildProcessError:
                break
            if gone == pid:
                status = code
            elif os.WIFSIGNALED(code) and os.WTERMSIG(code) == signal.SIGKILL:
                left += 1
        for folder in self._settings["wipe"]:
            _empty(folder)
        return status, left

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
    """Removes all that is in a folder, however deep and whatever its modes: what is inside comes to the top first."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    numbers = itertools.count()
    while True:
        with os.scandir(folder) as entries:
            found = [(entry.path, entry.is_dir(follow_symlinks=False)) for entry in entries]
        if not found:
            return
        before = len(found)
        for path, is_folder in found:
            with contextlib.suppress(OSError):
                if is_folder:
                    _flatten(path, folder, numbers)
                    os.rmdir(path)
                else:
                    os.unlink(path)
                before -= 1
        if before == len(found):
            return  # nothing of it can be removed


def _flatten(path: str, top: str, numbers: Iterator[int]) -> None:
    os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)  # or it cannot be moved
                os.rename(entry.path, f"{top}/{next(numbers)}-{os.getpid()}")
            else:
                os.unlink(entry.path)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _confine(processes: int | None) -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_DUMPABLE, 0)  # the student's code must not trace or read us
    if processes is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        most = processes if hard == resource.RLIM_INFINITY else min(processes, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of seccomp(2)."""

    _fields_: ClassVar = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def _filter(programs: list[str]) -> tuple[str, list[int]]:
    """Puts a filter on our system calls and those of all that we fork.

    Args:
        programs: the one that reports, and the one that only refuses, in base 64.

    Returns:
        "reported", "silent" or why there is none; and the descriptor on which it reports.
    """
    number = _SECCOMP.get(platform.machine())
    if not programs or number is None:
        return "no filter for this system", []
    libc = ctypes.CDLL(None, use_errno=True)
    for outcome, flags, text in zip(("reported", "silent"), (_NEW_LISTENER, 0), programs, strict=True):
        code = base64.b64decode(text)
        program = _Program(len(code) // 8, code)
        result = libc.syscall(number, _SET_MODE_FILTER, flags, ctypes.byref(program))
        if result >= 0:
            return outcome, [result] if flags else []
    return os.strerror(ctypes.get_errno()), []


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
            stopped["network"] = stopped["TCP"] = False
    except OSError:
        stopped["network"] = stopped["TCP"] = True
    try:
        os.kill(settings["canary_pid"], 0)
        stopped["processes"] = settings["canary_pid"] == os.getpid()  # ourselves, under the number it has outside
    except PermissionError:
        stopped["processes"] = False
    except ProcessLookupError:
        stopped["processes"] = True
    return stopped


def _broken() -> str:
    """Tries, in a process as the student's will be, what every server does; what does not work, or nothing."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = b""
        try:
            _prctl(_PR_SET_DUMPABLE, 1)
            with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
                pass
        except OSError as error:
            said = f"a server cannot be started or reached: {error}".encode()
        finally:
            os.write(writing, said)
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        found = pipe.read().decode()
    os.waitpid(pid, 0)
    return found


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
    _confine(settings["processes"])
    outcome, reports = _filter(settings["filters"])
    socket.send_fds(control, [json.dumps({"filter": outcome}).encode()], reports)
    for descriptor in reports:
        os.close(descriptor)  # whoever holds it decides about refused calls
    if not settings["own_pids"]:
        _prctl(
            _PR_SET_PDEATHSIG, 0
        )  # the control socket tells when the trusted side is gone; there are children to end
    said = {"python": sys.version.split()[0], "stopped": _canaries(settings), "broken": _broken()}
    control.send(json.dumps(said).encode())
    zygote = Zygote(control, settings, outcome == "reported")
    gc.collect()
    gc.freeze()
    zygote.serve()
