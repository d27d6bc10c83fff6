# tries: a FIFO in the place of the submission's file, at which a reader waits for ever
# outcome: R
# reason: double.py is a FIFO
import os


def build(folder):
    os.mkfifo(folder / "double.py")
