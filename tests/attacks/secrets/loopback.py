# tries: to reach servers of the machine it runs on, at every port at which one listens
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


def _ports():
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}") as table:
                for line in list(table)[1:]:
                    fields = line.split()
                    if fields[3] == "0A":
                        yield int(fields[1].rpartition(":")[2], 16)
        except OSError:
            pass


for _port in {*_ports(), 22, 25, 80, 111, 443, 631, 3306, 5432, 6379, 8000, 8080}:
    try:
        with socket.create_connection(("127.0.0.1", _port), 1):
            print("REACHED", _port)
    except OSError:
        pass
