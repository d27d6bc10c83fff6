# tries: modules with the names of the library's, which every import would find first
# outcome: N
# says: threading.py has the name of a module of the standard library
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
