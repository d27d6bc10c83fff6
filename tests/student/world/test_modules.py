"""Which module a program gets: every form of import gives the world's, and what is not modelled leaves no verdict."""

from __future__ import annotations

import importlib
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.student.world import conditions, locks, queues, threads
from grader.student.world.modules import OVER_MODELLED, REFUSED
from grader.student.world.strategies import Replay
from grader.student.world.world import World, beside

if TYPE_CHECKING:
    from tests.student.world.conftest import Programs

# Each assigns to `x` something that holds the world's class, and no real one.
IMPORTS = {
    "import threading\nx = threading.Lock": locks.Lock,
    "import threading as t\nx = t.Thread": threads.Thread,
    "from threading import *\nx = Thread": threads.Thread,
    "from threading import Thread as T\nx = T": threads.Thread,
    "from threading import (Thread, Lock as L)\nx = L": locks.Lock,
    "import queue\nx = queue.Queue": queues.Queue,
    "from queue import Queue\nx = Queue": queues.Queue,
    "from queue import *\nx = PriorityQueue": queues.PriorityQueue,
    "import _thread\nx = _thread.allocate_lock": locks.Lock,
    "from os import *\nfrom _thread import *\nx = allocate_lock": locks.Lock,
    "from time import *\nfrom _queue import *\nx = SimpleQueue": queues.SimpleQueue,
    "from functools import *\nfrom logging import *\nfrom threading import RLock\nx = RLock": locks.RLock,
    "from socket import *\nfrom selectors import *\nfrom io import *\nfrom queue import *\nx = Queue": queues.Queue,
    "import _queue\nx = _queue.SimpleQueue": queues.SimpleQueue,
    "import concurrent.futures\nx = concurrent.futures.ThreadPoolExecutor(1)._work_queue.__class__": queues.SimpleQueue,
    "import concurrent.futures as cf\nx = cf.Future()._condition.__class__": conditions.Condition,
    "from concurrent.futures import ThreadPoolExecutor\nx = ThreadPoolExecutor(1)._shutdown_lock.__class__": locks.Lock,
    "from concurrent.futures import as_completed, wait\nx = wait.__globals__['threading'].Lock": locks.Lock,
    "from concurrent.futures import *\nx = as_completed.__globals__['threading'].Lock": locks.Lock,
    "from concurrent import futures\nx = futures.Future()._condition.__class__": conditions.Condition,
    "from concurrent import futures as f\nx = f.ThreadPoolExecutor and f.thread.threading.Lock": locks.Lock,
    "import concurrent.futures.thread\nx = concurrent.futures.thread.threading.Lock": locks.Lock,
    "from concurrent.futures.thread import ThreadPoolExecutor as P\nx = P(1)._work_queue.__class__": queues.SimpleQueue,
    "import concurrent.futures._base as b\nx = b.threading.Lock": locks.Lock,
    "import importlib\nx = importlib.import_module('threading').Lock": locks.Lock,
    "from importlib import import_module as load\nx = load('concurrent.futures').Future()._condition.__class__": (
        conditions.Condition
    ),
    "import importlib\nx = importlib.import_module('.futures', 'concurrent')._base.threading.Lock": locks.Lock,
    "import importlib.util\nx = importlib.import_module('queue').Queue": queues.Queue,
    "import importlib\nx = importlib.__import__('threading').Lock": locks.Lock,
    "x = __import__('threading').Lock": locks.Lock,
    "x = __import__('concurrent.futures').futures.Future()._condition.__class__": conditions.Condition,
    "x = __import__('concurrent.futures', fromlist=['Future']).Future()._condition.__class__": conditions.Condition,
    "import builtins\nx = builtins.__import__('threading').Lock": locks.Lock,
    "x = __builtins__['__import__']('threading').Lock": locks.Lock,
    "import sys\nx = sys.modules['threading'].Lock": locks.Lock,
    "from sys import modules\nx = modules.get('queue').Queue": queues.Queue,
    "import sys\nx = dict(sys.modules.items())['threading'].Lock": locks.Lock,
    "import sys\nx = [m for m in sys.modules.values() if m.__name__ == 'threading'][0].Lock": locks.Lock,
    "exec('import threading')\nx = threading.Lock": locks.Lock,
    "space = {}\nexec('from threading import Lock', space)\nx = space['Lock']": locks.Lock,
    "x = eval('__import__(\"threading\").Lock')": locks.Lock,
    "try:\n    import threading\nexcept ImportError:\n    pass\nx = threading.Lock": locks.Lock,
    "def f():\n    import threading\n    return threading\nx = f().Lock": locks.Lock,
    "class C:\n    import threading\n    from queue import Queue\nx = C.threading.Lock": locks.Lock,
    "import logging\nx = logging.threading.Lock": locks.Lock,
    "import logging.handlers\nx = logging.handlers.queue.Queue": queues.Queue,
    "from functools import cached_property\nx = cached_property.__init__.__globals__['RLock']": locks.RLock,
    "import sched\nx = sched.threading.RLock": locks.RLock,
    "import socketserver\nx = socketserver.threading.Lock": locks.Lock,
}


def _inside(form: str) -> str:
    return "def scenario():\n    " + form.replace("\n", "\n    ") + "\n    see(x)\n"


def test_every_form_of_import_gives_the_world_s(programs: Programs) -> None:
    at_top = [f"{form}\ndef scenario():\n    see(x)\n" for form in IMPORTS]
    runs = programs.each(at_top)
    seen = {form: (list(run.values), run.fault[1]) for form, run in zip(IMPORTS, runs, strict=True)}
    assert seen == {form: ([expected], "") for form, expected in IMPORTS.items()}


def test_every_form_of_import_in_a_function_gives_the_world_s(programs: Programs) -> None:
    forms = [form for form in IMPORTS if "*" not in form and not form.startswith("exec")]
    runs = programs.each([_inside(form) for form in forms])
    seen = {form: (list(run.values), run.fault[1]) for form, run in zip(forms, runs, strict=True)}
    assert seen == {form: ([IMPORTS[form]], "") for form in forms}


def test_time_is_the_world_s_in_every_form(programs: Programs) -> None:
    values = programs.values("""
        import time, time as t, timeit, datetime
        from time import sleep, monotonic as now
        from datetime import datetime as moment
        import sched

        def scenario():
            began = moment.now()
            for rest in (time.sleep, t.sleep, sleep, __import__("time").sleep):
                rest(100)
            see([now() - 1000, time.perf_counter() - 1000, timeit.default_timer() - 1000, sched._time() - 1000])
            see((moment.now() - began).total_seconds())
            see((datetime.datetime.utcnow() - began).total_seconds() >= 400)
            see(isinstance(began, datetime.date))
    """)
    assert values == [[400, 400, 400, 400], 400, True, True] or sys.version_info < (3, 12), values
    assert values[:2] == [[400, 400, 400, 400], 400]


UNUSED = """
import asyncio, multiprocessing, subprocess, ctypes, signal, ssl, tempfile, shutil, sqlite3, mmap, pdb
import multiprocessing.pool, concurrent.futures.process, xml.etree.ElementTree, urllib.parse, http, email.message
from multiprocessing import Process, Queue, cpu_count, pool
from multiprocessing.pool import ThreadPool
from multiprocessing.dummy import Pool
from subprocess import run, PIPE, CalledProcessError
from signal import SIGINT, signal as handle
from asyncio import *
from concurrent.futures import ProcessPoolExecutor

def work(pool: ThreadPool | None, other: Process = None) -> "Pool":
    try:
        pass
    except CalledProcessError:
        pass

def scenario():
    work(None)
    see((int(SIGINT), PIPE, issubclass(CalledProcessError, Exception)))
    see(urllib.parse.quote("a b"))
    see(http.HTTPStatus.OK.value)
"""


def test_what_is_imported_and_not_used_does_no_harm(programs: Programs) -> None:
    assert list(programs.values(UNUSED)) == [(2, -1, True), "a%20b", 200]


USES = {
    "multiprocessing.Process": "from multiprocessing import Process; Process(target=print).start()",
    "multiprocessing.pool.ThreadPool": "from multiprocessing.pool import ThreadPool; ThreadPool(2).map(len, [])",
    "multiprocessing.dummy.Pool": "from multiprocessing.dummy import Pool; Pool(2)",
    "multiprocessing.Lock": "import multiprocessing as m; m.Lock()",
    "multiprocessing.managers.BaseManager": "from multiprocessing import managers; managers.BaseManager()",
    "multiprocessing.Pool": "from multiprocessing import Pool\n    with Pool(2) as pool: pass",
    "asyncio.run": "import asyncio; asyncio.run(None)",
    "asyncio.Queue": "class Own(__import__('asyncio').Queue): pass",
    "subprocess.run": "import subprocess; subprocess.run(['true'])",
    "ctypes.c_int": "import ctypes; ctypes.c_int(1)",
    "signal.alarm": "import signal; signal.alarm(1)",
    "concurrent.futures.process.ProcessPoolExecutor": "import concurrent.futures as f; f.ProcessPoolExecutor(1)",
    "ssl.create_default_context": "import ssl; ssl.create_default_context()",
    "os.fork": "import os; os.fork()",
    "os.openpty": "from os import openpty; openpty()",
    "os.system": "import os; os.system('true')",
    "os.write": "import os; os.write(1, b'')",
    "posix.pipe": "import posix; posix.pipe()",
    "tempfile.mkstemp": "import tempfile; tempfile.mkstemp()",
    "a real file descriptor": "open(0)",
    "a file that is written": "open('/tmp/never', 'w')",
    "io.FileIO": "import io; io.FileIO('/dev/null')",
    "input": "input()",
    "breakpoint": "breakpoint()",
    "sys.settrace": "import sys; sys.settrace(None)",
    "sys._current_frames": "import sys; sys._current_frames()",
    "threading._dangling": "import threading; threading._dangling.clear()",
    "queue.threading": "import queue; queue.threading.Lock()",
    "time.clock_gettime": "import time; time.clock_gettime(1)",
    "importlib.reload": "import importlib, queue; importlib.reload(queue)",
    "sqlite3.connect": "import sqlite3; sqlite3.connect(':memory:')",
    "pdb.set_trace": "import pdb; pdb.set_trace()",
}


def test_what_is_not_modelled_leaves_no_verdict(programs: Programs) -> None:
    for caught in ("OSError", "Exception", "BaseException"):
        sources = []
        for use in USES.values():
            inner = use.replace("\n    ", "\n        ")
            sources.append(f"def scenario():\n    try:\n        {inner}\n    except {caught}:\n        pass\n")
        seen = {name: run.fault for name, run in zip(USES, programs.each(sources), strict=True)}
        assert seen == {name: ("inconclusive", name) for name in USES}


def test_a_verdict_that_cannot_be_given_is_looked_for_no_longer(programs: Programs) -> None:
    found = programs.explore("import os\ndef scenario():\n    os.fork()\n", 5)
    assert (found.kind, found.message, found.schedules) == ("inconclusive", "os.fork", 1)


def test_what_is_not_modelled_leaves_no_verdict_in_a_thread(programs: Programs) -> None:
    found = programs.explore("""
        import multiprocessing, threading

        def scenario():
            thread = threading.Thread(target=lambda: multiprocessing.Queue())
            thread.start()
            thread.join()
            assert False
    """)
    assert (found.kind, found.message) == ("inconclusive", "multiprocessing.Queue")


def test_no_module_of_the_standard_library_holds_real_threads() -> None:
    """Whatever a program may import of it: the world's, refused, or known to be without harm."""
    harmless = {
        "zipfile": "its lock is held only while it reads a file",
        "pydoc": "a server that nobody starts in an exercise",
        "sysconfig": "a lock that is held only while it reads its own files",
        "unittest": "its locks are held only while it makes a mock",
        "test": "tests of Python itself",
    }
    world = World()
    holders = []
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in REFUSED or name in harmless or name in ("antigravity", "this", "idlelib"):
            continue
        if world.library.find(name) is not None or name in ("tkinter", "turtle", "turtledemo", "lib2to3", "distutils"):
            continue
        try:
            real = importlib.import_module(name)
        except (ImportError, DeprecationWarning):
            continue
        held = [value for value in vars(real).values() if value is threading or value is threading.Thread]
        if held:
            holders.append(name)
    assert not holders


def test_names_that_are_missing_are_missing(programs: Programs) -> None:
    programs.same("""
        def scenario():
            see(lambda: __import__("no_such_module"))
            see(lambda: __import__("concurrent.no_such_module"))
            see(lambda: __import__("threading.no_such_module"))
            see(lambda: exec("import multiprocessing.no_such_module"))
            import threading, queue, time, os, multiprocessing
            for module in (threading, queue, time, os, multiprocessing):
                see(lambda: module.no_such_name)
                see([hasattr(module, "no_such_name"), getattr(module, "no_such_name", 5)])
            see([threading.__name__, queue.__name__, time.__name__, os.__name__])
    """)


def test_to_import_a_name_that_is_not_there_is_an_import_error(programs: Programs) -> None:
    names = ("threading", "queue", "time", "multiprocessing", "concurrent.futures", "concurrent", "logging")
    runs = programs.each([f"def scenario():\n    from {name} import no_such_name\n" for name in names])
    assert [run.fault[1].partition(" (")[0] for run in runs] == [
        f"MainThread: ImportError: cannot import name 'no_such_name' from {name!r}" for name in names
    ]


def test_modules_of_the_program_itself(programs: Programs) -> None:
    files = {
        "sibling.py": "import threading\nLOCK = threading.Lock()\ncount = 0\n",
        "package/__init__.py": "from .inner import VALUE\nfrom . import other\nimport threading\n",
        "package/inner.py": "import package.other\nVALUE = package.other.BASE + 1\n",
        "package/other.py": "import queue as q\nBASE = 1\nQ = q.Queue()\n",
        "package/deep/__init__.py": "",
        "package/deep/leaf.py": "from ..other import BASE\nfrom ...sibling import LOCK\n".replace("from ...", "from "),
    }
    source = """
        import sibling, package.deep.leaf
        from package import other as o
        from package.deep import leaf
        import package.inner as inner

        def scenario():
            import sibling as again
            again.count += 1
            see([type(sibling.LOCK), type(o.Q), inner.VALUE, leaf.BASE, leaf is package.deep.leaf, sibling is again])
            see([sibling.count, leaf.LOCK is sibling.LOCK, package.threading.Lock])
            assert sibling.count == 1
    """
    values = programs.values(source, files=files)
    assert values == [[locks.Lock, queues.Queue, 2, 1, True, True], [1, True, locks.Lock]]
    assert programs.explore(source, 5).kind == "complete"


def test_a_sibling_is_watched_too(programs: Programs) -> None:
    found = programs.explore(
        """
        import threading, sibling

        def scenario():
            threads = [threading.Thread(target=sibling.add) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sibling.total == 2
        """,
        files={"sibling.py": "total = 0\ndef add():\n    global total\n    total += 1\n"},
    )
    assert found.kind == "property", found


def test_ordinary_things_of_the_language_work(programs: Programs) -> None:
    programs.same("""
        from __future__ import annotations
        import abc, contextlib, dataclasses, enum, functools, itertools, collections, typing, weakref, operator, sys
        import threading, queue, pickle, copy, json, re, math, heapq, random, string, inspect, types, uuid, pathlib, io
        from dataclasses import dataclass, field
        from typing import NamedTuple, Generic, TypeVar, ClassVar, TYPE_CHECKING

        if TYPE_CHECKING:
            from multiprocessing import Process

        T = TypeVar("T")

        @dataclass(order=True)
        class Task(Generic[T]):
            number: int
            items: list[T] = field(default_factory=list, compare=False)
            kind: ClassVar[str] = "task"

        @dataclass(frozen=True, slots=True)
        class Part:
            start: int
            lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

        class Pair(NamedTuple):
            left: int
            right: int = 2

        class Colour(enum.Enum):
            RED = enum.auto()
            BLUE = enum.auto()

        class Flags(enum.IntFlag):
            A = 1
            B = 2

        class Base(abc.ABC):
            @abc.abstractmethod
            def run(self): ...

        class Made(Base):
            def run(self):
                return type(self).__name__

            @functools.cached_property
            def cached(self):
                return [1]

            @functools.lru_cache(None)
            def square(self, x):
                return x * x

        class Own(Exception):
            pass

        @contextlib.contextmanager
        def managed(log):
            log.append("in")
            try:
                yield len(log)
            finally:
                log.append("out")

        def counted():
            for number in itertools.count():
                yield number

        def scenario():
            see(repr(Task(1, [2])))
            see(sorted([Task(2), Task(1)])[0].number)
            see(repr(Part(1)))
            see(dataclasses.asdict(Task(3, [4])))
            see(Pair(1))
            see([Colour.RED.name, Colour(2).name, Flags.A | Flags.B])
            see(lambda: Base())
            made = Made()
            see([made.run(), made.cached is made.cached, made.square(3)])
            log = []
            with contextlib.ExitStack() as stack:
                see(stack.enter_context(managed(log)))
                stack.callback(log.append, "callback")
            see(log)
            with contextlib.suppress(Own):
                raise Own
            see(list(itertools.islice(counted(), 3)))
            see(functools.reduce(operator.add, [1, 2, 3]))
            see(functools.partial(pow, 2)(3))
            see(copy.deepcopy({"a": [1]}))
            see(pickle.loads(pickle.dumps(Pair(5))))
            see(json.dumps({"a": 1}))
            see(inspect.signature(Task).parameters.keys() == {"number", "items"})
            see([sys.modules[__name__].__name__, Task.__module__, __name__])
            see(isinstance(sys.modules["json"], types.ModuleType))
            see(str(pathlib.PurePath("a") / "b"))
            see(io.StringIO("text").read())
            see(typing.get_type_hints(Pair))
            see(len(uuid.uuid4().hex))
            see(weakref.ref(made)() is made)
            see([*map(str, range(3))])
            match Pair(1):
                case Pair(left=1):
                    see("matched")
            print("not to be seen")
    """)


def test_a_cached_property_keeps_others_waiting_and_not_the_world(programs: Programs) -> None:
    """On 3.11 it holds a lock while it runs the program's code."""
    found = programs.explore(
        """
        import functools, threading

        class Shared:
            def __init__(self):
                self.made = []

            @functools.cached_property
            def once(self):
                self.made.append(1)
                return len(self.made)

        def scenario():
            shared = Shared()
            threads = [threading.Thread(target=lambda: shared.once) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(shared.made) == 1
        """,
        400,
    )
    assert found.kind == ("complete" if sys.version_info < (3, 12) else "property"), found


def test_logging_is_silent_and_the_same_in_each_run(programs: Programs, capfd: pytest.CaptureFixture[str]) -> None:
    found = programs.explore(
        """
        import logging, threading

        logging.basicConfig(level=logging.DEBUG, format="%(threadName)s %(message)s")
        log = logging.getLogger(__name__)

        def work():
            log.info("hello %s", threading.current_thread().name)
            logging.getLogger("other").warning("there")

        def scenario():
            logging.getLogger().addHandler(logging.StreamHandler())
            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(logging.getLogger().handlers) == 2
        """,
        400,
    )
    assert found.kind in ("complete", "not found"), found
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "handler",
    ["Kept()", "logging.StreamHandler(io.StringIO())", "logging.handlers.QueueHandler(queue.Queue())",
     "logging.handlers.MemoryHandler(9)"],
)  # fmt: skip
def test_of_a_handler_that_keeps_what_is_logged_nothing_is_said(programs: Programs, handler: str) -> None:
    found = programs.explore(f"""
        import io, logging, logging.handlers, queue

        class Kept(logging.Handler):
            def emit(self, record):
                pass

        def scenario():
            logging.getLogger(__name__).addHandler({handler})
    """)
    assert found.kind == "inconclusive", found


@pytest.mark.parametrize(
    "use",
    ["logging.getLogger().addFilter(print)", "logging.NullHandler().addFilter(print)",
     "class Own(logging.Logger): pass",
     "logging.setLoggerClass(logging.Logger)", "logging.setLogRecordFactory(print)"],
)  # fmt: skip
def test_of_what_could_learn_what_is_logged_nothing_is_said(programs: Programs, use: str) -> None:
    found = programs.explore(f"""
        import logging

        def scenario():
            {use}
    """)
    assert found.kind == "inconclusive", found


@pytest.mark.parametrize(
    "handler", ["logging.NullHandler()", "logging.StreamHandler()", "logging.StreamHandler(sys.stdout)"]
)
def test_a_handler_that_only_shows_what_is_logged_is_fine(programs: Programs, handler: str) -> None:
    found = programs.explore(f"""
        import logging, sys

        def scenario():
            log = logging.getLogger(__name__)
            log.addHandler({handler})
            log.warning("here")
            assert len(log.handlers) == 1
    """)
    assert found.kind in ("complete", "not found"), found


def test_what_a_program_changes_in_a_module_is_undone(programs: Programs) -> None:
    found = programs.explore(
        """
        import sys, threading, time, queue

        def scenario():
            assert not hasattr(threading, "mine") and not hasattr(sys, "mine") and time.sleep.__name__ == "sleep"
            threading.mine = sys.mine = 1
            time.sleep = print
            queue.Queue = list
            threading.Thread(target=time.sleep).start()
        """,
        20,
    )
    assert found.kind == "complete", found


def test_files_can_be_read(programs: Programs) -> None:
    (programs.folder / "data.txt").write_text("read me")
    values = programs.values(f"""
        import io, os, pathlib

        def scenario():
            path = {str(programs.folder / "data.txt")!r}
            with open(path) as file:
                see(file.read())
            see(io.open(path, "rb").read())
            see(pathlib.Path(path).read_text())
            see([os.path.exists(path), os.path.basename(path), sorted(os.listdir(os.path.dirname(path)))])
            with open(os.devnull, "w") as nowhere:
                see(nowhere.write("x"))
    """)
    assert values == ["read me", b"read me", "read me", [True, "data.txt", ["data.txt"]], 1]


def test_cores_are_those_of_the_virtual_machine(programs: Programs) -> None:
    source = """
        import os
        from concurrent.futures import ThreadPoolExecutor

        def scenario():
            see([os.cpu_count(), len(os.sched_getaffinity(0)), ThreadPoolExecutor()._max_workers])
    """
    assert [list(programs.run(source, cores=cores).values) for cores in (None, 2)] == [[[4, 4, 8]], [[2, 2, 6]]]


def test_no_module_is_both_modelled_and_refused() -> None:
    assert not OVER_MODELLED & REFUSED
    assert all(name in sys.stdlib_module_names for name in {name.partition(".")[0] for name in OVER_MODELLED})


def test_http_over_sockets_of_the_world(programs: Programs) -> None:
    source = """
        import http.client, threading, urllib.request
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.path.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        def scenario():
            with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                host, port = server.server_address
                with urllib.request.urlopen(f"http://{host}:{port}/first") as answer:
                    see((answer.status, answer.read()))
                connection = http.client.HTTPConnection(host, port, timeout=5)
                connection.request("GET", "/second")
                see(connection.getresponse().read())
                connection.close()
                server.shutdown()
                thread.join()
    """
    for seen in programs.under(source, ["-", "random:1", "priorities:2:3:200", "lockstep:3:0"]):
        assert (seen.fault, list(seen.values)) == (("", ""), [(200, b"/first"), b"/second"])


def test_what_lies_beside_a_module_is_its_program(tmp_path: Path) -> None:
    files = {
        "main.py": "import tally, plain, space.inner, pack.sub\nfrom pack import other\nfrom pack.sub import NAME\n",
        "plain.py": "x = 1\n",
        "tally/__init__.py": "from tally.total import Total\nfrom . import total\nseen = total.Total is Total\n",
        "tally/total.py": "import sys\nclass Total: pass\nparent = 'tally' in sys.modules\n",
        "space/inner.py": "y = 2\n",
        "pack/__init__.py": "order = ['pack']\n",
        "pack/sub.py": "from pack import order\norder.append('sub')\nNAME = 'sub'\n",
        "pack/other.py": "from .sub import NAME\nfrom . import order\n",
        "json/__init__.py": "mine = True\n",
        "queue.py": "mine = True\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    own = beside(tmp_path)
    assert [own(name) for name in ("json", "queue", "nobody", "tally.nobody", "a-b", "", "tally.")] == [None] * 7
    world = World(own)
    found = []

    def scenario() -> None:
        main = world.module("main")
        assert main.tally.seen and main.tally.total.parent and main.plain.x == 1
        assert main.space.inner.y == 2 and main.NAME == main.other.NAME == "sub"
        found.append((main.pack.order, list(main.pack.__path__), main.pack.sub.__package__, main.tally.__package__))

    with world.opened():
        for _ in range(2):
            assert world.run(scenario, Replay(), 20_000).errors == []
    assert found == [(["pack", "sub"], [str(tmp_path / "pack")], "pack", "tally")] * 2
