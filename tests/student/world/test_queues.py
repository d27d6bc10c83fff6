"""Queues: the same as the real ones, waited on as by hand, and what a subclass may replace."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

KINDS = ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")


@pytest.mark.parametrize("kind", KINDS)
def test_queue_is_like_the_real_one(programs: Programs, kind: str) -> None:
    programs.same(
        """
        import queue

        def scenario():
            items = queue.KIND()
            see([items.empty(), items.qsize()])
            see(lambda: items.get(False))
            see(lambda: items.get(block=False))
            see(lambda: items.get_nowait())
            see(lambda: items.get(timeout=0.01))
            see(lambda: items.get(True, 0))
            see(lambda: items.get(timeout=-1))
            see(lambda: items.get(False, -1))
            for item in (3, 1, 2):
                see(items.put(item))
            see(items.put_nowait(0))
            see(items.put(5, False))
            see(items.put(6, block=True, timeout=1))
            see(items.put(item=7))
            see([items.empty(), items.qsize()])
            see([items.get() for _ in range(3)])
            see(items.get(False))
            see(items.get(timeout=1))
            see(items.get_nowait())
            see(items.get())
            see(lambda: items.put())
            see(lambda: items.get(1, 2, 3))
            see(bool(items))
            see([queue.KIND[int].__origin__ is queue.KIND])
            see(isinstance(items, queue.KIND))
            names = ("join", "task_done", "full", "maxsize", "queue", "mutex", "shutdown")
            see([hasattr(items, name) for name in names])
            see([issubclass(queue.Empty, Exception), issubclass(queue.Full, Exception)])
    """.replace("KIND", kind)
    )


@pytest.mark.parametrize("kind", KINDS[:3])
def test_queue_with_a_limit_is_like_the_real_one(programs: Programs, kind: str) -> None:
    programs.same(
        """
        import queue

        def scenario():
            for items in (queue.KIND(2), queue.KIND(maxsize=2)):
                see(items.maxsize)
                items.put(1)
                see(items.full())
                items.put(2)
                see(items.full())
                see(lambda: items.put(3, False))
                see(lambda: items.put(3, block=False))
                see(lambda: items.put_nowait(3))
                see(lambda: items.put(3, timeout=0.01))
                see(lambda: items.put(3, True, 0))
                see(lambda: items.put(3, timeout=-1))
                see(items.unfinished_tasks)
                see(items.get())
                see(items.task_done())
                see(items.task_done())
                see(lambda: items.task_done())
                see(items.join())
                see(items.unfinished_tasks)
                see([len(items.queue), type(items.queue).__name__])
            for size in (0, -1):
                endless = queue.KIND(size)
                for number in range(5):
                    endless.put(number)
                see([endless.full(), endless.maxsize, endless.qsize()])
            see(lambda: queue.KIND(1, 2))
            see(lambda: queue.KIND(size=1))
    """.replace("KIND", kind)
    )


def test_priorities(programs: Programs) -> None:
    programs.same("""
        import queue
        from dataclasses import dataclass, field
        from typing import Any

        @dataclass(order=True)
        class Job:
            priority: int
            item: Any = field(compare=False)

        def scenario():
            items = queue.PriorityQueue()
            for job in (Job(2, "b"), Job(1, "a"), Job(3, {})):
                items.put(job)
            see([items.get().item for _ in range(3)])
            items.put((1, {}))
            see(lambda: items.put((1, {})))
            see(items.qsize())
            items.put((0, "x"))
            see(items.get())
            odd = queue.PriorityQueue()
            odd.put(1)
            see(lambda: odd.put("a"))
            see([odd.qsize(), odd.unfinished_tasks])
    """)


def test_join_waits_for_all_tasks(programs: Programs) -> None:
    programs.same("""
        import queue, threading

        def scenario():
            items, done = queue.Queue(), []

            def work():
                while True:
                    item = items.get()
                    if item is None:
                        break
                    done.append(item)
                    items.task_done()

            threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
            for thread in threads:
                thread.start()
            for number in range(5):
                items.put(number)
            items.join()
            see(sorted(done))
            for thread in threads:
                items.put(None)
            for thread in threads:
                thread.join()
            see(items.unfinished_tasks)
    """)


def test_full_queue_holds_the_putter_up(programs: Programs) -> None:
    programs.same("""
        import queue, threading

        def scenario():
            items, order = queue.Queue(1), []

            def produce():
                for number in range(3):
                    items.put(number)

            thread = threading.Thread(target=produce)
            thread.start()
            see([items.get() for _ in range(3)])
            thread.join()
            see(items.empty())
    """)


def test_conditions_and_mutex_of_a_queue(programs: Programs) -> None:
    programs.same("""
        import queue, threading

        def scenario():
            items = queue.Queue(2)
            with items.mutex:
                items.queue.append(1)
                items.unfinished_tasks += 1
                items.not_empty.notify()
                see(items._qsize())
            see(items.get())
            with items.all_tasks_done:
                see(items.all_tasks_done.wait(0.01))
            thread = threading.Thread(target=items.task_done)
            with items.all_tasks_done:
                thread.start()
                while items.unfinished_tasks:
                    items.all_tasks_done.wait()
            thread.join()
            see(items.unfinished_tasks)
            with items.not_full:
                see(items.not_full.wait_for(lambda: not items._qsize(), 1))
            with items.not_empty:
                thread = threading.Thread(target=items.put, args=(5,))
                thread.start()
                see(items.not_empty.wait())
            thread.join()
            see(items.get())
            with items.mutex:
                items.queue.clear()
            see(items.empty())
    """)


def test_subclasses_of_queue(programs: Programs) -> None:
    programs.same("""
        import queue, threading

        class Unique(queue.Queue):
            def _init(self, maxsize):
                self.queue = set()

            def _put(self, item):
                self.queue.add(item)

            def _get(self):
                return self.queue.pop()

        class Closable(queue.Queue):
            def __init__(self):
                super().__init__()
                self._closed = False
                self._number, self._wait, self._tell, self._conditions, self._condition, self._enter = range(6)

            def close(self):
                self._closed = True
                self.put(None)

            def __iter__(self):
                while (item := self.get()) is not None:
                    yield item

        class Counting(queue.LifoQueue):
            def __init__(self, *args):
                self.count = 0
                super().__init__(*args)

            def put(self, item, block=True, timeout=None):
                self.count += 1
                return super().put(item, block, timeout)

        class Simple(queue.SimpleQueue):
            def both(self):
                return self.get(), self.get()

        def scenario():
            unique = Unique()
            for item in (1, 1, 1):
                unique.put(item)
            see([unique.qsize(), unique.unfinished_tasks, unique.get()])
            closable = Closable()
            for item in "ab":
                closable.put(item)
            closable.close()
            see(list(closable))
            see([closable._number, closable._wait, closable._enter])
            counting = Counting(1)
            counting.put_nowait(1)
            see(lambda: counting.put_nowait(2))
            see(counting.count)
            simple = Simple()
            simple.put(1)
            simple.put(2)
            see(simple.both())
    """)


def test_a_program_may_shut_its_own_queues_down(programs: Programs) -> None:
    """`is_shutdown` and `shutdown` mean something to queues only from 3.13 on."""
    programs.same("""
        import queue

        class Own(queue.Queue):
            def __init__(self):
                super().__init__()
                self.ended = False
                if not hasattr(queue, "ShutDown"):
                    self.is_shutdown = True

            def shutdown(self, immediate=False):
                self.ended = True

        def scenario():
            own = Own()
            own.shutdown()
            own.put(1)
            see([own.get(), own.ended])
            see(hasattr(queue.Queue, "shutdown"))
            see(hasattr(queue.Queue(), "is_shutdown"))
    """)


@pytest.mark.skipif(not hasattr(queue, "ShutDown"), reason="from 3.13 on")
def test_shutdown_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import queue, threading

        def scenario():
            for immediate in (False, True):
                items = queue.Queue()
                items.put(1)
                items.put(2)
                see(items.shutdown(immediate))
                see(lambda: items.put(3))
                see(lambda: items.put(3, False))
                see(lambda: items.get())
                see(lambda: items.get_nowait())
                see([items.is_shutdown, items.qsize(), items.unfinished_tasks])
                see(lambda: items.get())
                see(lambda: items.task_done())
                see(items.is_shutdown)
                see(items.unfinished_tasks)
            items, told = queue.Queue(), []

            def wait():
                try:
                    items.get()
                except queue.ShutDown:
                    told.append(1)

            threads = [threading.Thread(target=wait) for _ in range(2)]
            for thread in threads:
                thread.start()
            items.shutdown()
            for thread in threads:
                thread.join()
            see(told)
            see(issubclass(queue.ShutDown, Exception))
    """)


def test_items_come_out_once_and_in_order_under_every_schedule(programs: Programs) -> None:
    found = programs.explore(
        """
        import queue, threading

        def scenario():
            items, got = queue.Queue(1), []

            def take():
                got.append(items.get())
                got.append(items.get())

            thread = threading.Thread(target=take)
            thread.start()
            items.put(1)
            items.put(2)
            thread.join()
            assert got == [1, 2] and items.empty()
        """,
        1_000,
    )
    assert found.kind == "complete", found


@pytest.mark.parametrize("kind", KINDS)
def test_to_look_and_then_to_take_is_a_race(programs: Programs, kind: str) -> None:
    found = programs.explore(
        f"""
        import queue, threading

        def scenario():
            items = queue.{kind}()
            items.put(1)

            def take():
                if not items.empty():
                    items.get_nowait()

            threads = [threading.Thread(target=take) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        """
    )
    assert found.kind == "exception" and "Empty" in found.message, found


def test_one_who_waits_alone_is_a_deadlock(programs: Programs) -> None:
    for waits in ("queue.Queue().get()", "full.put(1)", "full.join()", "queue.SimpleQueue().get()"):
        found = programs.explore(
            f"import queue\n\ndef scenario():\n    full = queue.Queue(1)\n    full.put(1)\n    {waits}\n", 5
        )
        assert found.kind == "deadlock" and waits[-5:-2].strip("(.") in found.message, (waits, found)


def test_what_a_subclass_puts_and_gets_with_is_done_by_one_thread_at_a_time(programs: Programs) -> None:
    found = programs.explore(
        """
        import queue, threading

        class Unique(queue.Queue):
            def _init(self, maxsize):
                self.queue, self.known = [], []

            def _qsize(self):
                return len(self.known) - len(self.known) + len(self.queue)

            def _put(self, item):
                if item not in self.known:
                    self.known.append(item)
                    self.queue.append(item)

            def _get(self):
                last = self.queue[-1]
                del self.queue[-1]
                return last

        def scenario():
            items = Unique(2)
            threads = [threading.Thread(target=items.put, args=(5,)) for _ in range(2)]
            for thread in threads:
                thread.start()
            assert items.get() == 5
            for thread in threads:
                thread.join()
            assert items.empty(), "one was put twice"
        """,
        400,
    )
    assert found.kind in ("complete", "not found"), found


def test_items_that_are_compared_by_code_of_the_program(programs: Programs) -> None:
    found = programs.explore(
        """
        import queue, threading

        class Job:
            def __init__(self, number):
                self.number = number

            def __lt__(self, other):
                self.compared = True
                return self.number < other.number

        def scenario():
            jobs = queue.PriorityQueue()
            threads = [threading.Thread(target=lambda n=n: (jobs.put(Job(n)), jobs.put(Job(n + 1)))) for n in (2, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [jobs.get().number for _ in range(4)] == [1, 2, 2, 3]
        """,
        400,
    )
    assert found.kind in ("complete", "not found"), found


@pytest.mark.parametrize("kind", KINDS[:2] + KINDS[3:])
def test_nobody_is_let_go_for_what_another_one_took(programs: Programs, kind: str) -> None:
    found = programs.explore(
        """
        import queue, threading

        def scenario():
            line, places = queue.KIND(), [None]
            line.put(0)

            def work():
                places[0] = None
                line.put(line.get())

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    """.replace("KIND", kind),
        400,
    )
    assert found.kind in ("complete", "not found"), found
