# tries: a deadlock told by threads and functions whose names are lines of the report, commands and escape sequences
# outcome: F
# reason: is stuck
import threading

NAME = "\n::error::gone\n\x1b[2J\x1b]52;c;eA==\x07MainThread: <script>alert(1)</script> 4/4 \u202e" + "x" * 10_000


def waits():
    threading.Event().wait()


waits.__code__ = waits.__code__.replace(co_name=NAME[:150], co_filename="/submission/double/double.py")


def double(number, work):
    thread = threading.Thread(target=waits, name=NAME)
    thread.start()
    thread.join()
