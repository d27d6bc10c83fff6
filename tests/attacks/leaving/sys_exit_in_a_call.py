# tries: sys.exit(0) in the call, hoping that the exit status counts
# outcome: F
# reason: ended the program with `sys.exit()`
import sys


def double(number, work):
    sys.exit(0)
