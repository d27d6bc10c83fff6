# tries: a file larger than any memory, that takes no room
# outcome: R
# reason: data.bin
import os

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
    with open(folder / "data.bin", "wb") as file:
        os.truncate(file.fileno(), 1 << 40)
