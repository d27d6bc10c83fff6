# tries: a FIFO and a socket beside a right solution
# outcome: R
# reason: pipe is a FIFO
# reason: socket is a socket
import os
import socket

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    (folder / "double.py").write_text(HONEST)
    os.mkfifo(folder / "pipe")
    here = os.getcwd()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket", here) if len(str(folder)) > 90 else str(folder / "socket"))
