# tries: a frame that is no message
# outcome: F
# reason: no frame of the protocol
import os


def wire():
    """The descriptor on which this process answers: the highest pipe that can be written to."""
    for fd in range(4096, 2, -1):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:") and os.write(fd, b"") == 0:
                return fd
        except OSError:
            continue


def double(number, work):
    os.write(wire(), b"\0\0\0\x10" + os.urandom(16))
    return 2 * work(number)
