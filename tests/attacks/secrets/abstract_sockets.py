# tries: to reach services of the machine it runs on by their names, for which no file is needed
# outcome: N
# not held at limits: it is in the machine's own network
import socket
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_names = {"\0threadlab-attack-listener"}
with open("/proc/net/unix") as _table:
    _names |= {"\0" + _line.split("@", 1)[1].strip() for _line in _table if "@" in _line}

for _name in _names:
    try:
        with socket.socket(socket.AF_UNIX) as _client:
            _client.settimeout(1)
            _client.connect(_name)
            print("REACHED", _name[1:])
    except OSError:
        pass
