# tries: to be named for a line that does not exist, by printing what a crash report looks like before it crashes
# outcome: F
# reason: was ended by SIGSEGV during `double`
import ctypes
import sys


def double(number, work):
    print('  File "/submission/double/double.py", line 99999999999999999999 in double', file=sys.stderr)
    print('  File "/submission/double/double.py", line 123456 in \x1b[31mdouble', file=sys.stderr)
    return ctypes.string_at(0)
