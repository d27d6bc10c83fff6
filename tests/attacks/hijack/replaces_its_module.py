# tries: to be another module than the one that was loaded: in sys.modules, by its class, and by its attributes
# outcome: N
import sys
import types
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]


class Module(types.ModuleType):
    def __getattribute__(self, name):
        if name in ("__dict__", "double"):
            return super().__getattribute__(name)
        raise SystemExit(name)

    def __getattr__(self, name):
        return lambda *_: 8


sys.modules[__name__].__class__ = Module
sys.modules[__name__] = None
