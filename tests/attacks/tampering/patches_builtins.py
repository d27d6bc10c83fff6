# tries: builtins that count everything as equal, true and of any type
# outcome: N
import builtins
import threading

_isinstance = builtins.isinstance


def double(number, work):
    builtins.isinstance = lambda *_: True
    builtins.issubclass = lambda *_: True
    builtins.all = builtins.any = lambda *_: True
    builtins.print = lambda *_, **__: None
    try:
        found = []
        thread = threading.Thread(target=lambda: found.append(work(number)))
        thread.start()
        thread.join()
        return 2 * found[0]
    finally:
        builtins.isinstance = _isinstance
