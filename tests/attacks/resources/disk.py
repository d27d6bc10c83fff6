# tries: to fill the disk
# outcome: F
# reason: No space left on device
import os
import tempfile
import threading


def double(number, work):
    for part in range(2):
        with open(os.path.join(tempfile.gettempdir(), f"full-{part}"), "wb", 0) as file:
            for _ in range(20):  # no more, for the sake of a disk that nothing holds it from
                file.write(b"x" * (1 << 20))
    print("REACHED", "40 MiB")
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
