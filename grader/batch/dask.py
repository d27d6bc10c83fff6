"""The executor `dask`: workers of a Dask scheduler, each of which grades with a worker process of ours.

The course and each submission travel by content. A task whose worker dies is done by another; Dask sees to that.
"""

from __future__ import annotations

import tempfile
import threading
import uuid
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from grader.batch.attempts import BatchError
from grader.batch.executors import Executor, Plan
from grader.batch.grading import setup_elsewhere
from grader.batch.local import Local
from grader.batch.messages import Outcome, Setup, Task

_WAIT_FOR_WORKERS = "120 s"
_AHEAD = 2
"""Tasks for each thread of a worker: one that is graded, and one that is ready."""

_here = threading.local()


class Dask:
    """Hands tasks to a Dask scheduler."""

    def __init__(self, plan: Plan) -> None:
        """Connects, and has every worker that is there show that it can grade."""
        if not plan.scheduler:
            raise BatchError("--executor dask needs --scheduler ADDRESS, such as tcp://127.0.0.1:8786")
        try:
            distributed: Any = import_module("distributed")  # untyped
        except ImportError:
            raise BatchError("Dask is not installed; pip install 'threadlab[dask]'") from None
        try:
            self._client = distributed.Client(plan.scheduler, timeout="20 s")
            self._client.wait_for_workers(1, timeout=_WAIT_FOR_WORKERS)
        except (OSError, TimeoutError, ValueError) as error:
            raise BatchError(f"--scheduler {plan.scheduler}: {error}; is it running, and has it workers?") from None
        self._batch = uuid.uuid4().hex
        self._setup = msgspec.msgpack.encode(setup_elsewhere(plan))
        self._check()
        self._scattered = self._client.scatter(self._setup, broadcast=True, hash=False)
        self._coming = distributed.as_completed()
        self._numbers: dict[str, int] = {}

    def _check(self) -> None:
        problems: dict[str, str] = self._client.run(problem_of_worker, self._setup)
        unfit = [f"{address}: {problem}" for address, problem in sorted(problems.items()) if problem]
        if unfit:
            self._client.close()
            raise BatchError("Dask workers that cannot grade; mend or stop them:\n" + "\n".join(unfit))

    def room(self) -> int:
        """Enough to keep all threads of all workers at work, those that have just come too."""
        threads = int(sum(self._client.nthreads().values()))
        return max(_AHEAD * threads, 1) - len(self._numbers)

    def submit(self, task: Task) -> None:
        """Sends it to the scheduler."""
        key = f"threadlab-{self._batch}-{task.number}"
        data = msgspec.msgpack.encode(task)
        future = self._client.submit(grade_on_worker, self._scattered, data, key=key, pure=False)
        self._numbers[key] = task.number
        self._coming.add(future)

    def next(self) -> Outcome:
        """The next outcome; a task that has taken several workers with it is a fault."""
        killed: type[Exception] = import_module("distributed").KilledWorker
        future = next(self._coming)
        number = self._numbers.pop(future.key)
        try:
            return msgspec.msgpack.decode(future.result(), type=Outcome)
        except killed as error:
            return Outcome(number, [], {}, f"several Dask workers died on it: {error}"[:300])
        except Exception as error:
            raise BatchError(f"a Dask worker cannot grade: {error}") from None

    def close(self) -> None:
        """Cancels what is under way and leaves the scheduler to others."""
        self._client.cancel(list(self._coming.futures))
        self._client.close()


# --- on the worker ---------------------------------------------------------------------------


def problem_of_worker(setup: bytes) -> str:
    """Why this Dask worker cannot grade; empty if it can. Runs on the worker."""
    running = _worker_process(setup)
    try:
        running.wait_ready()
    except BatchError as error:
        return str(error)
    finally:
        running.close()
    return ""


def grade_on_worker(setup: bytes, task: bytes) -> bytes:
    """Grades one task with the worker process of this thread. Runs on the worker."""
    known: tuple[bytes, Any] | None = getattr(_here, "running", None)
    if known is None or known[0] != setup:
        if known is not None:
            known[1].close()
        known = _here.running = (setup, _worker_process(setup))
    known[1].submit(msgspec.msgpack.decode(task, type=Task))
    return msgspec.msgpack.encode(known[1].next())


def _worker_process(setup: bytes) -> Local:
    """Worker processes end by themselves when this process does."""
    told = msgspec.msgpack.decode(setup, type=Setup)
    return Local(Plan(told, None, 1, Path(tempfile.gettempdir()), pinned=False))


DASK = Executor("dask", "the workers of a Dask scheduler, on any machines", Dask)
