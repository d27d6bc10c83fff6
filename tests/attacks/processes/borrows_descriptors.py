# tries: to take open files out of the processes above it, by pidfd_getfd
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
_PIDFD_OPEN, _PIDFD_GETFD = 434, 438
_libc = ctypes.CDLL(None, use_errno=True)

for _pid in range(1, 400):
    if _pid == os.getpid():
        continue
    _pidfd = _libc.syscall(_PIDFD_OPEN, _pid, 0)
    if _pidfd >= 0:
        for _fd in range(0, 20):
            if _libc.syscall(_PIDFD_GETFD, _pidfd, _fd, 0) >= 0:
                print("REACHED", _pid, _fd)
        os.close(_pidfd)
