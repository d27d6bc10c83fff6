# tries: to be found at lines that no file has, in files that are none, when it is stuck
# outcome: F
# reason: is stuck
import threading


def waits():
    threading.Event().wait()


waits.__code__ = waits.__code__.replace(co_firstlineno=2_000_000_000, co_filename="/submission/../../etc/\x1b[2Jshadow\n")


def double(number, work):
    thread = threading.Thread(target=waits)
    thread.start()
    waits()
