# tries: a child that goes on as the student process, with a wire thread of its own, while the parent stands still
# outcome: F
# flag: forged evidence
# reason: What your process says of itself is not so
import _thread
import os
import signal
import sys


def double(number, work):
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Harness":
        frame = frame.f_back
    harness = frame.f_locals["self"]
    parent = os.getpid()
    if os.fork() == 0:
        while open(f"/proc/{parent}/stat").read().split()[2] != "T":
            pass
        harness._write_lock = _thread.allocate_lock()
        _thread.start_new_thread(harness._read_frames, ())
        return 2 * work(number)
    os.kill(parent, signal.SIGSTOP)
