# tries: to know in a later test what an earlier one has shown it, by a process that goes on and listens
# outcome: N
# flag: left processes behind
import os
import socket
import time
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_NAME = "\0threadlab-attack-state"
try:
    with socket.socket(socket.AF_UNIX) as _client:
        _client.connect(_NAME)
        print("REACHED", "a process of an earlier test")
except OSError:
    pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        try:
            _server = socket.socket(socket.AF_UNIX)
            _server.bind(_NAME)
            _server.listen()
        except OSError:
            pass
        while True:
            time.sleep(1000)
    os._exit(0)
os.wait()
