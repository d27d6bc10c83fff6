# tries: settings of the interpreter under which nothing else here could work: recursion, switch interval, hooks, gc
# outcome: N
import faulthandler
import gc
import sys
import threading


def quiet(*_, **__):
    raise SystemExit(0)


def double(number, work):
    sys.setswitchinterval(1e-9)
    gc.set_threshold(1)
    gc.callbacks.append(lambda *_: None)
    faulthandler.disable()
    threading.excepthook = sys.excepthook = sys.unraisablehook = sys.displayhook = quiet
    threading.stack_size(1 << 20)
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    sys.setrecursionlimit(max(60, len(found)))
    return 2 * found[0]
