# tries: to write to address 0, in a thread
# outcome: F
# reason: was ended by SIGSEGV during `double`
import ctypes
import threading


def double(number, work):
    thread = threading.Thread(target=lambda: ctypes.memset(0, 0, 1))
    thread.start()
    thread.join()
