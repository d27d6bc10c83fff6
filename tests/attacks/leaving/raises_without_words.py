# tries: an exception whose `__str__` raises, whose `__repr__` exits, and whose class lies about itself
# outcome: F
# reason: `double` raised Mute
import os


class Liar(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__qualname__", "__module__", "__mro__"):
            raise RuntimeError("no name")
        return super().__getattribute__(name)


class Mute(Exception, metaclass=Liar):
    def __str__(self):
        raise ValueError("no words")

    def __repr__(self):
        os._exit(0)

    @property
    def __traceback__(self):
        raise ValueError("no traceback")

    @property
    def args(self):
        raise ValueError("no arguments")


def double(number, work):
    raise Mute
