# tries: folders inside one another, too deep for whoever walks through them
# outcome: R
# reason: folders deep
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
    here = os.open(folder, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
