# tries: to take from the process that it was forked from, and so from all later tests, what it may use
# outcome: N
# flag: prlimit64
import os
import resource
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

for _name in ("NPROC", "NOFILE", "FSIZE"):
    try:
        resource.prlimit(os.getppid(), getattr(resource, f"RLIMIT_{_name}"), (0, 0))
        print("REACHED", _name)
    except OSError:
        pass
