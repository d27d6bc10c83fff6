# tries: to leave a letter for the next submission, and to look for one
# outcome: N
# not held at limits: folders that everybody may write to outlive a submission
# leaves at limits: /dev/shm/threadlab-attack-mailbox, /tmp/threadlab-attack-mailbox, /var/tmp/threadlab-attack-mailbox
import os
import tempfile
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
for _folder in ("/var/tmp", "/tmp", "/dev/shm", os.path.dirname(tempfile.gettempdir())):
    _path = os.path.join(_folder, "threadlab-attack-mailbox")
    try:
        if _folder != tempfile.gettempdir():
            open(_path, "x").write("a letter")
            print("REACHED", _path)
    except OSError:
        pass
