# tries: to lock memory, and to raise its own limits
# outcome: N
import ctypes
import resource
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
ctypes.CDLL(None).mlockall(3)
for _name in ("AS", "NPROC", "NOFILE", "FSIZE", "CORE", "CPU", "STACK"):
    _limit = getattr(resource, f"RLIMIT_{_name}")
    _before = resource.getrlimit(_limit)
    try:
        resource.setrlimit(_limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if _before[1] != resource.RLIM_INFINITY:
            print("REACHED", _name)
    except (OSError, ValueError):
        pass
