# tries: to use up all file descriptors, and to go on
# outcome: F
# reason: Too many open files
import os


def double(number, work):
    taken = []
    while True:
        taken.append(os.open("/dev/null", os.O_RDONLY))
