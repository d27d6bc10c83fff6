# tries: calls of probes that were never handed out, and ends of threads that never called one
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
    4: b'{"type":"asked","id":77,"probe":99,"thread":1,"args":[],"kwargs":{}}',
    0.5: b'{"type":"asked","id":77,"probe":-1,"thread":1,"args":[],"kwargs":{}}',
    1: b'{"type":"exiting","ask":77}',
}


def double(number, work):
    body = BODIES[number]
    os.write(wire(), len(body).to_bytes(4, "big") + body)
    return 2 * work(number)
