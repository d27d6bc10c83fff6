# tries: to know in a later test what an earlier one has shown it, by System V memory and POSIX shared memory
# outcome: N
import ctypes
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_libc = ctypes.CDLL(None, use_errno=True)
_KEY, _EXISTING, _NEW = 0x7EAD1AB, 0o600, 0o1600
_libc.shmget.argtypes = (ctypes.c_int, ctypes.c_size_t, ctypes.c_int)
if _libc.shmget(_KEY, 4096, _EXISTING) >= 0:
    print("REACHED", "System V memory")
elif _libc.shmget(_KEY, 4096, _NEW) < 0:
    print("no System V memory")
try:
    if os.path.exists("/dev/shm/threadlab-attack-state"):
        print("REACHED", "POSIX memory")
    open("/dev/shm/threadlab-attack-state", "w").close()
except OSError as error:
    print(error)
