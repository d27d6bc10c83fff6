# tries: to find the harness by its frames, and to have it tell of a thread that never was
# outcome: F
# flag: forged evidence
# reason: What your process says of itself is not so
import sys


def _harness():
    frame = sys._getframe()
    while frame is not None:
        found = frame.f_locals.get("self")
        if type(found).__name__ == "Harness":
            return found
        frame = frame.f_back


def double(number, work):
    harness = _harness()
    send = type(harness)._send

    def forged(message):
        if type(message).__name__ == "Asked":
            message.thread = 424242
        send(harness, message)

    harness._send = forged
    return 2 * work(number)
