# tries: to know in a later test what an earlier one has shown it, by System V memory, messages and semaphores
# outcome: N
# flag: shmget
import ctypes
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmget.argtypes = (ctypes.c_int, ctypes.c_size_t, ctypes.c_int)
_KEY, _READ, _CREATE = 0x7EAD1AB, 0o600, 0o1600
_EXISTING = (_libc.shmget(_KEY, 4096, _READ), _libc.msgget(_KEY, _READ), _libc.semget(_KEY, 1, _READ))
if max(_EXISTING) >= 0:
    print("REACHED", "System V objects", _EXISTING)
_libc.shmget(_KEY, 4096, _CREATE)
_libc.msgget(_KEY, _CREATE)
_libc.semget(_KEY, 1, _CREATE)
