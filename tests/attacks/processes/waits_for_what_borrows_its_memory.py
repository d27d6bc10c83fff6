# tries: to wait in vfork, as the kernel lets nobody but the child wake it, so that no wait is seen
# outcome: F
# reason: Your program is stuck
import ctypes
import threading

libc = ctypes.CDLL(None)


def borrow():
    libc.vfork()
    while True:
        libc.pause()


def double(number, work):
    thread = threading.Thread(target=borrow)
    thread.start()
    thread.join()
    return 2 * work(number)
