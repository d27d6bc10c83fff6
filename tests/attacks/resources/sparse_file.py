# tries: a file of a terabyte with nothing in it
# outcome: F
# reason: File too large
import os
import signal
import tempfile


def double(number, work):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    file = os.open(os.path.join(tempfile.gettempdir(), "sparse"), os.O_CREAT | os.O_RDWR)
    os.ftruncate(file, 1 << 40)
