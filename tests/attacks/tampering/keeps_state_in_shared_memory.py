# tries: to know in a later test what an earlier one has shown it, by POSIX shared memory and message queues
# outcome: N
# flag: mq_open
# not held at limits: folders that everybody may write to outlive a submission
# leaves at limits: /dev/shm/threadlab-attack-state
import ctypes
import os
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
_libc = ctypes.CDLL(None, use_errno=True)
_PATHS = ("/dev/shm/threadlab-attack-state", "/dev/mqueue/threadlab-attack-state")
if any(map(os.path.exists, _PATHS)) or _libc.mq_open(b"/threadlab-attack-state", os.O_RDWR) >= 0:
    print("REACHED", "shared memory of an earlier test")
for _path in _PATHS:
    try:
        open(_path, "w").close()
    except OSError:
        pass
_libc.mq_open(b"/threadlab-attack-state", os.O_CREAT | os.O_RDWR, 0o600, None)
