# tries: to write wherever it can: beside itself, beside the grader's modules, in system folders and devices
# outcome: N
# not held at limits: folders that everybody may write to can be written to
# leaves at limits: /tmp/threadlab-attack-written, /var/tmp/threadlab-attack-written, /dev/shm/threadlab-attack-written
import os
import sys
import tempfile
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_OWN = os.path.realpath(tempfile.gettempdir())
_FOLDERS = {
    "/", "/etc", "/usr", "/usr/lib", "/bin", "/dev", "/dev/shm", "/run", "/var/tmp", "/tmp", "/home", "/root",
    "/opt", "/srv", "/proc", "/proc/sys/kernel", "/sys", "/sys/fs/cgroup", os.path.dirname(__file__), "/submission",
    "/threadlab", "/threadlab/grader/student", *sys.path, os.path.dirname(os.__file__), os.path.dirname(sys.executable),
}  # fmt: skip

for _folder in _FOLDERS - {""}:
    _path = os.path.join(_folder, "threadlab-attack-written")
    try:
        open(_path, "w").close()
        if os.path.realpath(_folder) != _OWN:
            print("REACHED", _path)
    except OSError:
        pass
