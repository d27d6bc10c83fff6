# tries: to end only the main thread, past the interpreter: the process lives on without it
# outcome: F
# reason: is stuck
import ctypes
import threading

threading.Thread(target=threading.Event().wait).start()


def double(number, work):
    ctypes.CDLL(None).syscall(60, 0)
