# tries: to be executed by the grader's pytest, by way of a conftest.py of its own
# outcome: N
# says: conftest.py is not used

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
EVIL = """import os

open("/tmp/threadlab-attack-conftest", "w").close()
print("REACHED", "conftest.py")
os._exit(0)
"""


def build(folder):
    (folder / "double").mkdir()
    (folder / "double" / "double.py").write_text(HONEST)
    for place in (folder, folder / "double"):
        (place / "conftest.py").write_text(EVIL)
