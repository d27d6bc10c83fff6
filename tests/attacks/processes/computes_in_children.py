# tries: to compute for ever in processes of its own, while itself only waits
# outcome: F
# reason: computes without end
import os


def double(number, work):
    for _ in range(4):
        if os.fork() == 0:
            while True:
                pass
    os.wait()
