"""Threads, timers, thread-local data, hooks: the same as the real ones; and what becomes of threads that are left."""

from __future__ import annotations

import string
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs


def test_thread_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import threading, warnings
        warnings.simplefilter("ignore")

        def add(a, b=0, *, c=0):
            found.append((a, b, c))
            return a

        found = []

        def scenario():
            thread = threading.Thread(target=add, args=(1,), kwargs={"c": 3})
            see([thread.ident, thread.is_alive(), thread.daemon])
            see(lambda: thread.join())
            see(thread.start())
            see(thread.join())
            see(thread.join(0))
            see(thread.join(timeout=-1))
            see(lambda: thread.start())
            see([type(thread.ident), thread.is_alive(), type(thread.native_id)])
            see(lambda: setattr(thread, "daemon", True))
            see(lambda: setattr(thread, "ident", 1))
            see(found)
            for bad in (dict(args=1), dict(kwargs={"d": 1}), dict(args=(1, 2, 3)), dict()):
                thread = threading.Thread(target=(lambda: 1) if bad else None, **({} if bad else {}))
                thread.start()
                thread.join()
            see(lambda: threading.Thread(1) and 1)
            see(lambda: threading.Thread(target=add, args=1) and "made")
            see(lambda: threading.Thread(None, add, "named", [1, 2], {"c": 3}).name)
            see(lambda: threading.Thread(None, add, "named", [], {}, True))
            see(lambda: threading.Thread(none=1))
            one = threading.Thread(None, add, "named", [1, 2], {"c": 3}, daemon=True)
            see([one.name, one.daemon, one.isDaemon(), one.getName()])
            one.start()
            one.join()
            see(found)
            one.name = 5
            see(one.name)
            one.setName("six")
            see(one.name)
            two = threading.Thread()
            two.daemon = True
            two.setDaemon(False)
            see(two.daemon)
            two.daemon = 1
            see(two.daemon)
            see(threading.Thread(daemon=0).daemon)
            see(threading.Thread(name="").name != "")
            see(threading.Thread(target=add, args=[], kwargs=None).is_alive())
            see(two == two, )
            see(two != threading.Thread())
            see(len({one, two, one}))
            see(isinstance(two, threading.Thread))
    """)


def test_names_of_threads_are_numbered(programs: Programs) -> None:
    values = programs.values("""
        import functools, threading

        def work():
            pass

        class Own(threading.Thread):
            pass

        def scenario():
            see([threading.Thread(target=target).name for target in (work, None, functools.partial(work))])
            see([Own().name, threading.Thread(name="mine").name, threading.Timer(1, work).name])
            see(threading.current_thread().name)
    """)
    assert values == [["Thread-1 (work)", "Thread-2", "Thread-3"], ["Thread-4", "mine", "Thread-5"], "MainThread"]


def test_subclasses_of_thread(programs: Programs) -> None:
    programs.same("""
        import threading

        class Own(threading.Thread):
            def __init__(self, value):
                super().__init__(daemon=True)
                self.value = value
                self.result = None

            def run(self):
                self.result = self.value * 2

        class Early(threading.Thread):
            def __init__(self):
                threading.Thread.__init__(self)
                self.ran = []
                self.start()

            def run(self):
                self.ran.append(1)

        class Forgets(threading.Thread):
            def __init__(self):
                self.value = 1

        class Joins(threading.Thread):
            result = None

            def run(self):
                self.result = self._target(*self._args)

            def join(self, timeout=None):
                super().join(timeout)
                return self.result

        def scenario():
            own = Own(4)
            own.start()
            own.join()
            see([own.result, own.daemon])
            early = Early()
            early.join()
            see(early.ran)
            see(lambda: Forgets().start())
            see(lambda: Forgets().join())
            see(lambda: Forgets().is_alive())
            see(lambda: Forgets().name)
            see(lambda: Forgets().daemon)
            joins = Joins(target=lambda x: x + 1, args=(1,))
            joins.start()
            see(joins.join())
            again = threading.Thread(target=lambda: ran.append(1))
            ran = []
            again.run()
            see(ran)
            see(lambda: again.run())
    """)


def test_what_threads_know_of_each_other(programs: Programs) -> None:
    programs.same("""
        import threading, _thread, warnings
        warnings.simplefilter("ignore")

        def scenario():
            before = threading.active_count()
            gate, seen = threading.Event(), {}

            def work():
                seen["current"] = threading.current_thread()
                seen["ident"] = threading.get_ident()
                seen["low"] = _thread.get_ident()
                seen["daemon"] = threading.current_thread().daemon
                seen["inherits"] = threading.Thread().daemon
                gate.wait()

            thread = threading.Thread(target=work, daemon=True)
            see(thread in threading.enumerate())
            thread.start()
            see(threading.active_count() - before)
            see(thread in threading.enumerate())
            see(thread.is_alive())
            thread.join(0.01)
            see(thread.is_alive())
            gate.set()
            thread.join()
            see(thread in threading.enumerate())
            see(threading.activeCount() - before)
            see([seen["current"] is thread, seen["ident"] == thread.ident, seen["low"] == seen["ident"]])
            see([seen["daemon"], seen["inherits"]])
            main = threading.main_thread()
            see([main.is_alive(), main.daemon, main is threading.current_thread(), main is threading.currentThread()])
            see(main.ident == threading.get_ident())
            see(lambda: main.join())
            see(lambda: threading.current_thread().join())
            see(main in threading.enumerate())
            see(type(threading.stack_size()))
            see(threading.ThreadError is RuntimeError)
    """)


def test_timer_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import threading, time

        def scenario():
            found = []
            timer = threading.Timer(0.02, found.append, args=[1])
            see([timer.interval, timer.args, timer.kwargs])
            see(timer.start())
            see(found)
            see(timer.join())
            see(found)
            see(timer.finished.is_set())
            late = threading.Timer(30, found.append, [2])
            late.start()
            see(late.is_alive())
            see(late.cancel())
            late.join()
            see(found)
            see(lambda: late.start())
            keys = threading.Timer(0, lambda **given: found.append(given), kwargs={"a": 1})
            keys.start()
            keys.join()
            see(found)
            see(lambda: threading.Timer(1))
            see(isinstance(late, threading.Thread))
    """)


def test_local_is_like_the_real_one(programs: Programs) -> None:
    programs.same("""
        import threading

        class Own(threading.local):
            shared = []
            default = 1

            def __init__(self, value):
                self.value = value
                Own.shared.append(value)

            def double(self):
                return 2 * self.value

        class Slots(threading.local):
            __slots__ = ("seat",)

        def in_thread(function):
            found = []
            thread = threading.Thread(target=lambda: found.append(function()))
            thread.start()
            thread.join()
            return found

        def scenario():
            data = threading.local()
            data.x = 1
            see(data.x)
            see(in_thread(lambda: hasattr(data, "x")))
            see(in_thread(lambda: setattr(data, "x", 2)))
            see(data.x)
            see(vars(data))
            see(data.__dict__)
            see(lambda: data.missing)
            del data.x
            see(lambda: data.x)
            see(lambda: delattr(data, "x"))
            see(lambda: threading.local(1))
            own = Own(5)
            own.value = 6
            see([own.value, own.double(), own.default])
            see(in_thread(lambda: (own.value, own.double(), vars(own))))
            see(Own.shared)
            see(getattr(own, "nothing", 7))
            see(own.__dict__)
            slots = Slots()
            slots.seat = 1
            see(in_thread(lambda: hasattr(slots, "seat")))
            see(isinstance(own, threading.local))
    """)


def test_exceptions_in_threads_go_to_the_hook(programs: Programs) -> None:
    programs.same("""
        import sys, threading

        def fails():
            raise ValueError("mine")

        def exits():
            sys.exit(3)

        def scenario():
            told = []

            def hook(args):
                told.append((args.exc_type, str(args.exc_value), args.exc_traceback is not None, args.thread.name))

            before, threading.excepthook = threading.excepthook, hook
            try:
                for target in (fails, exits):
                    thread = threading.Thread(target=target, name="named")
                    thread.start()
                    thread.join()
                    see(thread.is_alive())
            finally:
                threading.excepthook = before
            see(told)
            see(callable(threading.__excepthook__))
    """)


def test_low_threads_are_like_the_real_ones(programs: Programs) -> None:
    programs.same("""
        import _thread, time

        def scenario():
            lock, found = _thread.allocate_lock(), []
            lock.acquire()

            def work(a, b=0):
                found.append((a, b))
                lock.release()

            see(type(_thread.start_new_thread(work, (1,), {"b": 2})))
            lock.acquire()
            see(found)
            see(lambda: _thread.start_new_thread(work, [1]))
            see(lambda: _thread.start_new_thread(work))
            see(lambda: _thread.start_new_thread(1, ()))
            see(lambda: _thread.start_new_thread(work, (), 1))
            see(_thread.error is RuntimeError)
            see(isinstance(_thread.get_ident(), int))

            def ends():
                lock.release()
                _thread.exit()

            _thread.start_new_thread(ends, ())
            see(lock.acquire())
    """)


def test_an_exception_in_a_thread_is_a_fault(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            thread = threading.Thread(target=lambda: 1 / 0, name="Divider")
            thread.start()
            thread.join()
    """)
    assert (found.kind, found.message) == ("exception", "Divider: ZeroDivisionError: division by zero")


def test_a_broken_hook_is_no_end_of_the_world(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def hook(args):
            raise KeyError("in the hook")

        def scenario():
            threading.excepthook = hook
            thread = threading.Thread(target=lambda: 1 / 0)
            thread.start()
            thread.join()
    """)
    assert found.kind == "exception"


def test_a_hook_of_one_run_is_gone_in_the_next(programs: Programs) -> None:
    found = programs.explore("""
        import threading

        def scenario():
            assert threading.excepthook is threading.__excepthook__
            threading.excepthook = lambda args: None
            threading.Thread(target=lambda: None).start()
    """)
    assert found.kind == "complete", found


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="threads get a context")
def test_thread_takes_what_the_real_one_takes(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            see(lambda: threading.Thread(context=None))
    """)


def test_a_thousand_threads_are_too_many(programs: Programs) -> None:
    values = programs.values("""
        import threading

        def scenario():
            gate = threading.Event()
            threads = [threading.Thread(target=gate.wait) for _ in range(1_000)]
            try:
                for thread in threads:
                    thread.start()
            except RuntimeError as error:
                see((threads.index(thread), str(error)))
            see(thread.is_alive())
            see(lambda: thread.join())
            gate.set()
    """)
    # The main thread is one, too.
    assert values == [(999, "can't start new thread"), False, "RuntimeError: cannot join thread before it is started"]


def test_threads_of_pools_have_the_same_names_in_each_run(programs: Programs) -> None:
    source = """
        from concurrent.futures import ThreadPoolExecutor
        import threading

        def scenario():
            with ThreadPoolExecutor(1) as pool:
                see(pool.submit(lambda: threading.current_thread().name).result())
            with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
                see(pool.submit(lambda: threading.current_thread().name).result())
    """
    assert [list(seen.values) for seen in programs.under(source, ["-"] * 3)] == [
        ["ThreadPoolExecutor-0_0", "mine_0"]
    ] * 3


FUTURES = """
    import concurrent.futures as cf, threading, time
    from concurrent.futures import ThreadPoolExecutor, Future, as_completed, wait

    def fails(x):
        raise ValueError(x)

    def scenario():
        see(lambda: ThreadPoolExecutor(0))
        see(lambda: ThreadPoolExecutor(max_workers=-1))
        see(lambda: ThreadPoolExecutor(1, initializer=1))
        with ThreadPoolExecutor(max_workers=2) as pool:
            future = pool.submit(pow, 2, 3)
            see(future.result())
            see([future.done(), future.running(), future.cancelled(), future.cancel(), future.exception()])
            see(lambda: pool.submit(fails, 5).result())
            see(repr(pool.submit(fails, 5).exception()))
            see(list(pool.map(pow, [1, 2, 3], [2, 2])))
            see(lambda: list(pool.map(fails, [1])))
            see(list(pool.map(str, range(5), chunksize=2)))
            futures = {pool.submit(pow, n, 2): n for n in range(4)}
            see(sorted((futures[f], f.result()) for f in as_completed(futures)))
            done, rest = wait(futures)
            see([len(done), len(rest)])
            see([type(x).__name__ for x in wait(futures, return_when=cf.FIRST_COMPLETED)])
            see(wait([pool.submit(fails, 1)], return_when=cf.FIRST_EXCEPTION).not_done)
            called = []
            future.add_done_callback(called.append)
            see(called == [future])
            gate = threading.Event()
            begun = threading.Semaphore(0)
            slow = [pool.submit(lambda: begun.release() or gate.wait()) for _ in range(2)]
            begun.acquire()
            begun.acquire()
            waiting = pool.submit(pow, 1, 1)
            see(lambda: slow[0].result(timeout=0.01))
            see([waiting.cancel(), waiting.cancelled(), waiting.done()])
            see(lambda: waiting.result())
            see(len(wait(slow, timeout=0.01).not_done))
            see(lambda: list(as_completed(slow, timeout=0.01)))
            gate.set()
        see(lambda: pool.submit(pow, 1, 1))
        other = ThreadPoolExecutor(1)
        gate, begun = threading.Event(), threading.Event()
        first, second = other.submit(lambda: begun.set() or gate.wait()), other.submit(pow, 1, 1)
        begun.wait()
        other.shutdown(wait=False, cancel_futures=True)
        gate.set()
        see([first.result(), second.cancelled()])
        by_hand = Future()
        see([by_hand.set_running_or_notify_cancel(), by_hand.running()])
        by_hand.set_result(4)
        see(by_hand.result())
        see(lambda: by_hand.set_result(5) and 1)
        see([cf.TimeoutError is TimeoutError, issubclass(cf.CancelledError, Exception), cf.BrokenExecutor.__name__])
        made = []
        with ThreadPoolExecutor(1, "named", made.append, (7,)) as third:
            third.submit(pow, 1, 1)
        see(made)
        broken = ThreadPoolExecutor(1, initializer=fails, initargs=(1,))
        see(lambda: broken.submit(pow, 1, 1).result() and 1)
"""


def test_pools_and_futures_are_like_the_real_ones(programs: Programs, caplog: pytest.LogCaptureFixture) -> None:
    programs.same(FUTURES)


def test_a_subclass_may_use_names_of_its_own(programs: Programs) -> None:
    programs.same("""
        import threading

        class Worker(threading.Thread):
            def __init__(self, number):
                self._number = number
                super().__init__()
                self._task, self._run, self._ident_, self._thread = "task", 1, 2, 3
                self._ready, self._done, self._error, self._name_ = 4, 5, 6, 7

            def run(self):
                self._result = (self._number, self._task)

        class Named(threading.Event):
            def __init__(self):
                self._number, self._owner, self._seen, self._waiting, self._waiters = range(5)
                super().__init__()

        class Limited(threading.BoundedSemaphore):
            def __init__(self):
                self._first, self._check, self._number = range(3)
                super().__init__(1)

        def scenario():
            workers = {Worker(n) for n in (1, 2)}
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            see(sorted(worker._result for worker in workers))
            see(all(worker in workers for worker in list(workers)))
            event, limited = Named(), Limited()
            event.set()
            see([event.wait(), event._number, event._waiting])
            with limited:
                see([limited._first, limited._check])
            see(lambda: limited.release())
    """)


def test_data_of_one_run_are_gone_in_the_next(programs: Programs) -> None:
    source = """
        import string, threading

        class Own(threading.local):
            value = 0

        def scenario():
            if not hasattr(string, "kept_for_a_test"):
                string.kept_for_a_test = Own()
            see(string.kept_for_a_test.value)
            string.kept_for_a_test.value = 1
    """
    try:
        assert [list(seen.values) for seen in programs.under(source, ["-"] * 3)] == [[0]] * 3
    finally:
        del string.kept_for_a_test  # type: ignore[attr-defined]


def test_what_a_thread_has_in_a_local_goes_with_it(programs: Programs) -> None:
    source = """
        import threading, weakref

        class Token:
            pass

        def scenario():
            here, gone, kept, told = threading.local(), threading.Semaphore(0), [], []

            def tell(_):
                told.append("gone")
                gone.release()

            def work():
                here.token = Token()
                kept.append(weakref.ref(here.token, tell))

            thread = threading.Thread(target=work, name="the thread")
            here.token = "of the main thread"
            thread.start()
            gone.acquire()
            thread.join()
            see(told)
            see(here.token)
    """
    programs.same(source)
    assert programs.explore(source.replace("see(", "str(")).kind in ("complete", "not found")


def test_arguments_of_an_exception_hook_are_made_as_the_real_ones(programs: Programs) -> None:
    programs.same("""
        import threading

        def scenario():
            got = []
            threading.excepthook = lambda args: got.append((args.exc_type, str(args.exc_value), args.thread.name))
            thread = threading.Thread(target=lambda: 1 / 0, name="it")
            thread.start()
            thread.join()
            args = threading.ExceptHookArgs((KeyError, KeyError(3), None, thread))
            see([got, args.exc_type, args[2], args.thread is thread])
            see(lambda: threading.ExceptHookArgs(1))
    """)
