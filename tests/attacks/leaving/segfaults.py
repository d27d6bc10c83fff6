# tries: to read address 0
# outcome: F
# reason: was ended by SIGSEGV during `double` (double.py line 8
import ctypes


def double(number, work):
    return ctypes.string_at(0)
