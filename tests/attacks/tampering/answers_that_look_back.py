# tries: an answer whose properties, `__getattr__` and metaclass run code, and exit, when it is looked at
# outcome: F
# reason: did not give twice
# fails: test_twice, test_twice_of_a_fraction
import os
import threading


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__mro__", "__name__", "__dataclass_fields__", "__qualname__"):
            raise SystemExit("looked at")
        return super().__getattribute__(name)

    def __instancecheck__(cls, _):
        return True


class Answer(metaclass=Meta):
    def __getattr__(self, name):
        raise KeyboardInterrupt(name)

    def __repr__(self):
        raise SystemExit(8)

    def __reduce_ex__(self, _):
        os._exit(0)

    def __hash__(self):
        os._exit(0)


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return Answer()
