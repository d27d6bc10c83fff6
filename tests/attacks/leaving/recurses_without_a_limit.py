# tries: unbounded recursion with the limit taken away: the stack overflows in C
# outcome: F
# reason: was ended by SIGSEGV during `double`
import sys

sys.setrecursionlimit(1 << 30)


class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x")


def double(number, work):
    return Endless().x
