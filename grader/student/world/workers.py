"""Real threads that carry the tasks of runs, one run after the other."""

from __future__ import annotations

import _thread

from grader.student.world.scheduler import Task


class Workers:
    """Real threads that run tasks, and are used again and again."""

    __slots__ = ("_idle",)

    def __init__(self) -> None:
        self._idle: list[_Worker] = []

    def lend(self, task: Task) -> None:
        """Gives `task` a thread, which waits for the baton."""
        worker = self._idle.pop() if self._idle else _Worker()
        worker.task = task
        task.worker, task.baton = worker, worker.baton

    def take_back(self, task: Task) -> None:
        """The thread of `task` is about to pass the baton on for the last time, and may be lent again."""
        self._idle.append(task.worker)

    def close(self) -> None:
        """Ends the idle ones."""
        while self._idle:
            worker = self._idle.pop()
            worker.task = None
            worker.baton.release()


class _Worker:
    __slots__ = ("baton", "task")

    def __init__(self) -> None:
        self.baton = _thread.allocate_lock()
        self.baton.acquire()
        self.task: Task | None = None
        _thread.start_new_thread(self._serve, ())

    def _serve(self) -> None:
        while True:
            self.baton.acquire()
            task, self.task = self.task, None
            if task is None:
                return
            task.run.perform(task)
