"""The executor `local`: worker processes on this machine, replaced when they die or go silent."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import msgspec

from grader.batch.attempts import BatchError
from grader.batch.executors import Executor, Plan
from grader.batch.messages import Beat, FromWorker, Outcome, Ready, Setup, Task, receive, send
from grader.idle import SPARE, IdleCPUs, our_cpus

SILENT_SECONDS = 300.0
"""A last resort: each test ends by its own limits long before."""
_ENDING_SECONDS = 20.0
_MOST_TRIES = 2
_READ_AHEAD = 2
_LOOK_SECONDS = 1.0
"""Between two looks at the CPUs."""


def default_jobs() -> int:
    """Submissions at a time: two for each CPU, since tests wait now and then."""
    return 2 * len(our_cpus())


class WorkerProcess:
    """One worker, and the thread that listens to it."""

    def __init__(
        self, setup: Setup, scratch: Path, into: queue.SimpleQueue[tuple[WorkerProcess, FromWorker | None]]
    ) -> None:
        """Starts it.

        Args:
            setup: what it is told first.
            scratch: where it may write.
            into: takes what it says, and None at its end.
        """
        self.task: Task | None = None
        """What it is grading."""
        self.ready = False
        self.cpu = setup.cpu
        self._into = into
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "grader.batch.worker", str(scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the batch alone
        )
        self._alarm = threading.Timer(SILENT_SECONDS, self._process.kill)
        self._tell(setup)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def begin(self, task: Task) -> None:
        """Has it grade a task."""
        self.task = task
        self._tell(task)

    def end(self) -> int:
        """Ends it, and with it the session and the jail that it has started; its exit status, negative: the signal."""
        self._process.terminate()
        try:
            status = self._process.wait(timeout=_ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._listener.join()
        self._alarm.cancel()
        return status

    def _tell(self, message: Setup | Task) -> None:
        assert self._process.stdin is not None
        self._watch()
        with contextlib.suppress(BrokenPipeError):  # its end is told by the thread that listens
            send(self._process.stdin, message)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            while (said := receive(stdout, FromWorker)) is not None:
                self._watch()
                if not isinstance(said, Beat):
                    self._into.put((self, said))
        self._alarm.cancel()
        self._into.put((self, None))

    def _watch(self) -> None:
        """Counts anew the time in which it may be silent."""
        self._alarm.cancel()
        self._alarm = threading.Timer(SILENT_SECONDS, self._process.kill)
        self._alarm.daemon = True
        self._alarm.start()


class Local:
    """Worker processes, as many as there are to be jobs; more while they wait for programs, and CPUs idle."""

    def __init__(self, plan: Plan) -> None:
        """Starts none yet: as many as there are tasks, when they come."""
        self._plan = plan
        self._said: queue.SimpleQueue[tuple[WorkerProcess, FromWorker | None]] = queue.SimpleQueue()
        self._waiting: deque[Task] = deque()
        self._tries: dict[int, int] = {}
        self._out = 0
        self._workers: set[WorkerProcess] = set()
        self._jobs = plan.jobs
        self._idle, self._looked = IdleCPUs(), time.monotonic()

    def _new(self) -> WorkerProcess:
        """A worker on the CPU that has the fewest."""
        cpus = our_cpus() if self._plan.pinned and hasattr(os, "sched_setaffinity") else []
        cpu = min(cpus, key=lambda cpu: sum(worker.cpu == cpu for worker in self._workers)) if cpus else None
        return WorkerProcess(msgspec.structs.replace(self._plan.setup, cpu=cpu), self._plan.scratch, self._said)

    def room(self) -> int:
        """So many may be begun, or wait to be."""
        return self._jobs + _READ_AHEAD - self._out

    def submit(self, task: Task) -> None:
        """Queues it, for the next worker that is free."""
        self._out += 1
        self._waiting.append(task)
        self._deal()

    def next(self) -> Outcome:
        """The next outcome. A worker that dies has its task tried once more by another."""
        while True:
            outcome = self._hear()
            self._deal()
            if outcome is not None:
                self._out -= 1
                return outcome

    def _hear(self) -> Outcome | None:
        """Takes one thing that a worker says, if one says any for a while; the outcome, if it is one."""
        self._grow()
        try:
            worker, said = self._said.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return None
        if said is None:
            return self._died(worker)
        if isinstance(said, Ready):
            if said.problem:
                raise BatchError(f"a worker cannot grade: {said.problem}")
            worker.ready = True
        elif isinstance(said, Outcome):
            worker.task = None
            return said
        return None

    def wait_ready(self) -> None:
        """Returns when a worker is ready.

        Raises:
            BatchError: it cannot grade, or has ended.
        """
        if not self._workers:
            self._workers.add(self._new())
        while not any(worker.ready for worker in self._workers):
            self._hear()

    def close(self) -> None:
        """Ends all workers."""
        for worker in self._workers:
            worker.end()

    def _deal(self) -> None:
        """Hands out what waits, to workers on the CPUs that have least to do."""
        while len(self._workers) < min(self._jobs, self._out):
            self._workers.add(self._new())
        while self._waiting and (free := [one for one in self._workers if one.ready and one.task is None]):
            busy = [one.cpu for one in self._workers if one.task is not None]
            min(free, key=lambda one: busy.count(one.cpu)).begin(self._waiting.popleft())

    def _grow(self) -> None:
        """Makes room for one more worker where all are busy, and CPUs idle all the same: the programs wait."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked, spare = time.monotonic(), self._idle.idle() >= SPARE
        if spare and self._waiting and self._jobs < self._plan.most_jobs and all(one.task for one in self._workers):
            self._jobs += 1

    def _died(self, worker: WorkerProcess) -> Outcome | None:
        """Puts another in its place; the outcome of its task where that has been tried enough."""
        self._workers.discard(worker)
        status = worker.end()
        if not worker.ready:
            raise BatchError(f"a worker ended before it could grade (exit status {status}); see the message above")
        self._workers.add(self._new())
        task = worker.task
        if task is None:
            return None
        self._tries[task.number] = self._tries.get(task.number, 0) + 1
        if self._tries[task.number] < _MOST_TRIES:
            self._waiting.append(task)
            return None
        fault = f"the worker that graded it ended early, {_MOST_TRIES} times (exit status {status})"
        return Outcome(task.number, [], {}, fault)


LOCAL = Executor("local", "worker processes on this machine", Local)
