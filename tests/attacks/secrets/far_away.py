# tries: to send what it has found to a machine elsewhere: by TCP, by UDP, by a name that somebody resolves
# outcome: N
import socket
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

for _kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    for _address in ("192.0.2.1", "198.51.100.1", "::ffff:192.0.2.1"):
        _family = socket.AF_INET6 if ":" in _address else socket.AF_INET
        try:
            with socket.socket(_family, _kind) as _out:
                _out.settimeout(0.05)
                _out.connect((_address, 9))
                _out.send(b"found")
                print("REACHED", _address)
        except OSError:
            pass
