# tries: eight hundred empty files, with names as long as they may be
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
try:
    for _number in range(800):
        os.close(os.open(f"{tempfile.gettempdir()}/{_number:0250}", os.O_CREAT | os.O_WRONLY))
except OSError as _error:
    print(_error)
