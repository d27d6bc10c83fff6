"""The student process of one test: takes calls from the wire, runs them, lends out probes.

Three kinds of thread live here: the *wire thread*, which only reads frames; the main thread, on
which the first call runs; and what the student's code starts. Only `_thread` is used, so that
`threading` lists nothing of ours.
"""

from __future__ import annotations

import _thread
import collections
import ctypes
import os
import signal
import sys
import threading
import types
from collections.abc import Callable
from typing import Any, cast

from grader import wire
from grader.student import loading
from grader.student.compiled import Compiled
from grader.student.seal import Seal
from grader.student.values import Values, stack_of, text_of

_ANNOUNCE = 0x54484C44
_prctl: Any = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_allocate_lock = _thread.allocate_lock
_current_frames = sys._current_frames
_exit = os._exit
_get_ident = _thread.get_ident
_mask = signal.pthread_sigmask
_get_native_id = threading.get_native_id
_new_thread = threading.Thread
_read = os.read
_running = threading._active  # type: ignore[attr-defined]
_SIGNALS = signal.valid_signals()
_stand_in = threading._DummyThread  # what `current_thread` makes up for threads that `threading` has not started
_start_thread = _thread.start_new_thread
_write = os.write

Job = wire.Load | wire.Invoke | wire.Keep | wire.Fetch | wire.OpenWorld | wire.RunWorld


class Harness:
    """Serves one test over two pipes until the trusted side closes them."""

    def __init__(
        self,
        read_fd: int,
        write_fd: int,
        announces: bool = False,
        seal: Seal | None = None,
        whole: bool = True,
        compiled: Compiled | None = None,
    ) -> None:
        """For one test.

        Args:
            read_fd: of the wire.
            write_fd: of the wire.
            announces: whether announcements are heard.
            seal: made before; None: made now.
            whole: whether to look at all of it once the module is loaded, whatever the test uses.
            compiled: modules that have been compiled already.
        """
        self._announces = announces
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._values = Values(self._make_probe)
        self._module: types.ModuleType | None = None
        self._path = ""
        self._explorer: Any = None
        self._lines: Any = None
        self._write_lock = _allocate_lock()
        self._jobs: collections.deque[Job] = collections.deque()
        self._job_ready = _allocate_lock()
        self._job_ready.acquire()
        self._main_busy = False
        self._asks = 0
        self._waiting: dict[int, Any] = {}
        self._answers: dict[int, wire.Answer] = {}
        self._exits: dict[int, Any] = {}
        self._at_exit = threading.local()
        self._started = _StartedThreads()
        self._under_way = 0
        self._known = set(_running)
        self._seal = seal or Seal()
        self._whole = whole
        self._compiled = compiled

    def run(self) -> None:
        """Runs until the process is ended; the caller's thread becomes the main thread."""
        threading.main_thread()._set_native_id()  # type: ignore[attr-defined]  # a fork leaves it that of the parent's
        _start_thread(self._read_frames, ())
        while True:
            self._job_ready.acquire()
            self._perform(self._jobs.popleft(), on_main=True)

    # --- the wire ---

    def _send(self, message: wire.Message) -> None:
        data = wire.pack(message)
        with self._write_lock:
            while data:
                data = data[_write(self._write_fd, data) :]

    def _read_frames(self) -> None:
        while True:
            length = wire.body_length(self._read_exactly(4))
            self._take(wire.unpack(self._read_exactly(length), wire.ToStudent))

    def _read_exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = _read(self._read_fd, count - len(data))
            if not more:
                _exit(0)
            data += more
        return data

    def _take(self, message: Any) -> None:
        if isinstance(message, wire.Answer):
            self._answers[message.ask] = message
            self._waiting.pop(message.ask).release()
        elif isinstance(message, wire.ReleaseExit):
            self._exits.pop(message.ask).release()
        elif isinstance(message, wire.AskStacks):
            self._send(wire.Stacks(_stacks()))
        elif isinstance(message, wire.AskLines):
            self._send(wire.Lines(sorted(self._lines.arcs.copy()) if self._lines else []))
        elif isinstance(message, wire.AskStarted):
            self._send(wire.Started(self._started.count))
        elif not self._main_busy:
            self._main_busy = True
            self._jobs.append(message)
            self._job_ready.release()
        else:
            # `daemon` is given, or `threading` would ask what the wire thread is, and list it.
            caller = _new_thread(target=self._perform, args=(message,), name="second caller", daemon=True)
            self._started.count -= 1
            caller.start()

    def _announce(self, number: int) -> None:
        """Lets the kernel tell the trusted side which thread this is (`grader.jail.announcements`)."""
        if self._announces and _prctl(_ANNOUNCE, number, 0, 0, 0) != 0:
            before = _mask(signal.SIG_BLOCK, _SIGNALS)  # one has come in between, and more of them may
            _prctl(_ANNOUNCE, number, 0, 0, 0)
            _mask(signal.SIG_SETMASK, before)

    # --- calls ---

    def _perform(self, job: Job, on_main: bool = False) -> None:
        self._announce(wire.begins(job.id))
        self._send(wire.Began(job.id, _get_native_id()))
        reply: wire.Returned | wire.Raised | wire.Explored
        self._under_way += 1
        try:
            if isinstance(job, wire.RunWorld):
                reply = self._explorer.run(job)
            else:
                data = self._result_of(job)
                reply = wire.Returned(job.id, data, self._threads_left())
        except BaseException as error:
            left = self._threads_left()
            reply = wire.Raised(job.id, self._values.encode_error(error), left)
        self._under_way -= 1
        if isinstance(job, wire.Load):
            self._known = set(_running)  # what an import starts is no call's
            self._started.count = 0
        if on_main:
            self._main_busy = False  # before the reply, which may bring the next job
        reply.tampered = self._seal.broken(self._explorer is not None or self._whole)
        self._whole = False
        self._send(reply)

    def _threads_left(self) -> int:
        """How many threads are there that this call, being the only one, has started; none that was joined is."""
        if self._under_way > 1:
            return 0
        here = _get_ident()
        found = [thread for ident, thread in list(_running.items()) if ident not in self._known and ident != here]
        return sum(type(thread) is not _stand_in for thread in found)

    def _result_of(self, job: wire.Load | wire.Invoke | wire.Keep | wire.Fetch | wire.OpenWorld) -> Any:
        values = self._values
        if isinstance(job, wire.Load):
            self._path = job.path
            if job.lines:
                from grader.student.lines import Lines  # only where somebody asks for it

                self._lines = Lines(job.path)
            self._module = loading.load(job.path, self._compiled)
            return values.encode(loading.faults_of(self._module, job.defines))
        if isinstance(job, wire.OpenWorld):
            from grader.student.exploring import Explorer  # few tests need it, and it takes time to import

            self._explorer = Explorer(self._path, job.script, values, lambda: self._send(wire.Working()))
            return None
        if isinstance(job, wire.Keep):
            return values.keep(values.decode(job.value))
        if isinstance(job, wire.Fetch):
            return values.encode(values.kept(job.ref))
        target = self._module if job.on is None else values.kept(job.on)
        function = cast(Callable[..., Any], getattr(target, job.name))
        args = [values.decode(item) for item in job.args]
        kwargs = {name: values.decode(item) for name, item in job.kwargs.items()}
        value = function(*args, **kwargs)
        return values.keep(value) if job.keep else values.encode(value)

    # --- probes ---

    def _make_probe(self, spec: dict[str, Any]) -> Callable[..., Any]:
        if spec.get("world"):
            found: Callable[..., Any] = self._explorer.probe(spec)
            return found
        number, exit_held = spec["id"], spec["exit_held"]

        def probe(*args: Any, **kwargs: Any) -> Any:
            return self._ask(number, exit_held, args, kwargs)

        probe.__name__ = probe.__qualname__ = spec["name"]
        return probe

    def _ask(self, probe: int, exit_held: bool, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        encode = self._values.encode
        turn = _allocate_lock()
        turn.acquire()
        named = {str(name): encode(item) for name, item in kwargs.items()}
        given = [encode(item) for item in args]
        with self._write_lock:
            self._asks += 1
            ask = self._asks
        self._waiting[ask] = turn
        if exit_held:
            if not hasattr(self._at_exit, "held"):
                self._at_exit.held = _HeldAtExit(self)
            self._at_exit.held.asks.setdefault(probe, ask)
        self._announce(wire.asks(ask))
        self._send(wire.Asked(ask, probe, _get_native_id(), given, named))
        turn.acquire()
        answer = self._answers.pop(ask)
        value = self._values.decode(answer.value)
        if answer.raises:
            raise value
        return value

    def hold_exit(self, asks: list[int]) -> None:
        """Holds the current thread, which made these calls, until the test has released its end for each."""
        turns = []
        for ask in asks:
            turn = _allocate_lock()
            turn.acquire()
            turns.append(turn)
            self._exits[ask] = turn
            self._send(wire.Exiting(ask))
        for turn in turns:
            turn.acquire()


class _StartedThreads:
    """Counts the threads that are started, at the few functions through which all of them are."""

    def __init__(self) -> None:
        self.count = 0
        for module in (_thread, threading):
            for name in ("start_new_thread", "start_new", "start_joinable_thread"):
                for given in (name, f"_{name}"):
                    if hasattr(module, given):
                        setattr(module, given, self._counted(getattr(module, given)))

    def _counted(self, start: Callable[..., Any]) -> Callable[..., Any]:
        lock = _allocate_lock()

        def counted(*args: Any, **kwargs: Any) -> Any:
            with lock:
                self.count += 1
            return start(*args, **kwargs)

        return counted


class _HeldAtExit:
    """Lies in a thread's local storage, which the interpreter clears as the thread's last act.

    Its finaliser therefore runs after all of the thread's own code and before `join()` in any
    other thread returns (CPython: `PyThreadState_Clear` comes before the thread is marked done).
    """

    def __init__(self, harness: Harness) -> None:
        self._hold = harness.hold_exit
        self.asks: dict[int, int] = {}
        """By probe: the thread's first call of it."""

    def __del__(self) -> None:
        self._hold(list(self.asks.values()))


def _stacks() -> list[wire.ThreadStack]:
    known = dict(_running)
    me = _thread.get_ident()
    found = []
    for ident, frame in _current_frames().items():
        if ident != me:
            # Looked up without the student's properties: this runs on the wire thread.
            about = vars(known[ident]) if ident in known else {}
            number, name = about.get("_native_id"), about.get("_name")
            number = number if type(number) is int else 0
            name = text_of(name) if type(name) is str else "a thread"
            found.append(wire.ThreadStack(number, name, stack_of(frame)))
    return found
