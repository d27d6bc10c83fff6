# tries: to say now and then that the call begins, and never to answer
# outcome: F
# reason: protocol
import os
import time


def wire():
    """The descriptor on which this process answers: the highest pipe that can be written to."""
    for fd in range(4096, 2, -1):
        try:
            if os.readlink(f"/proc/self/fd/{fd}").startswith("pipe:") and os.write(fd, b"") == 0:
                return fd
        except OSError:
            continue


def double(number, work):
    fd, body = wire(), b'{"type":"began","id":2,"thread":1}'
    while True:
        os.write(fd, len(body).to_bytes(4, "big") + body)
        time.sleep(0.2)
