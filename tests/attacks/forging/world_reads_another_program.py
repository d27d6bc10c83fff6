# tries: to have the controlled world read and compile another program than the one that is handed in
# exercise: twice
# outcome: F
# fails: test_two_callers_at_once
import builtins
import pathlib
import threading


WRONG, RIGHT = "2 * Last" + ".number", "2 * found[0]"


def other(text):
    return text.replace(*((WRONG, RIGHT) if isinstance(text, str) else (WRONG.encode(), RIGHT.encode())))


def reads(method):
    return lambda *args, **kwargs: other(method(*args, **kwargs))


def compiles(source, *args, real=compile, **kwargs):
    return real(other(source) if isinstance(source, (str, bytes)) else source, *args, **kwargs)


pathlib.Path.read_text = reads(pathlib.Path.read_text)
pathlib.Path.read_bytes = reads(pathlib.Path.read_bytes)
builtins.compile = compiles


class Last:
    number = 0


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    Last.number = found[0]
    return 2 * Last.number
