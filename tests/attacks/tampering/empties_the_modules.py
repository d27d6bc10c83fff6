# tries: to do without sys.modules and everything in it
# outcome: N
import sys
import threading

Thread = threading.Thread


def double(number, work):
    found = []
    sys.modules.clear()
    sys.path.clear()
    sys.meta_path.clear()
    sys.path_hooks.clear()
    thread = Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
