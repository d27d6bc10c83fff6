# tries: memory that belongs to no process: files without names, in memory
# outcome: F
# flag: memfd_create
import os
import threading


def double(number, work):
    files = []
    for _ in range(8):
        files.append(os.memfd_create("threadlab-attack"))
        for _ in range(50):
            os.write(files[-1], b"x" * (1 << 20))
    print("REACHED", "400 MiB")
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
