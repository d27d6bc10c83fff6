# tries: to know in a later test what an earlier one has shown it, by globals, modules, classes and builtins
# outcome: N
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

import builtins
import collections
import sys

if hasattr(builtins, "threadlab_attack") or "threadlab_attack" in sys.modules or hasattr(collections.Counter, "attack"):
    print("REACHED", "the state of an earlier test")
builtins.threadlab_attack = sys.modules["threadlab_attack"] = collections
collections.Counter.attack = True
calls = 0
_double = double


def double(number, work):
    global calls
    calls += 1
    if calls > 1:
        print("REACHED", calls)
    return _double(number, work)
