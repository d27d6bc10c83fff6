# tries: a frame that says it is 4 GiB long, so that the other side takes memory for it
# outcome: F
# reason: no frame of the protocol
import os
import threading


def wire():
    """The descriptor on which this process answers: the highest pipe that can be written to."""
    for fd in range(4096, 2, -1):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:") and os.write(fd, b"") == 0:
                return fd
        except OSError:
            continue


def double(number, work):
    os.write(wire(), b"\xff\xff\xff\xff")
    threading.Event().wait()
