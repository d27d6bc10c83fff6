# tries: folders inside one another, deeper than any stack and any path, for whoever clears them away
# outcome: N
import os
import tempfile
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_here = os.getcwd()
os.chdir(tempfile.gettempdir())
try:
    for _ in range(1_200):
        os.mkdir("d")
        os.chdir("d")
except OSError as _error:
    print(_error)
