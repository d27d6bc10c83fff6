# tries: messages with fields and types that the protocol does not have, and numbers that JSON does not have
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

BODIES = {
    4: b'{"type":"returned","id":2,"value":8,"left":0,"verdict":"passed","score":4}',
    0.5: b'{"type":"verdict","id":2,"value":"passed"}',
    1: b'{"type":"returned","id":2,"value":NaN,"left":0}',
}


def double(number, work):
    body = BODIES[number]
    os.write(wire(), len(body).to_bytes(4, "big") + body)
    return 2 * work(number)
