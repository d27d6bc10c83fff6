# tries: to call the probe itself while another thread of its own, named in its place, waits beside it
# outcome: F
# flag: forged evidence
# reason: What your process says of itself is not so
import sys
import threading

harness = sys.modules["grader.student.harness"]


def double(number, work):
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    harness._get_native_id = lambda: other.native_id
    found = work(number)
    done.set()
    other.join()
    return 2 * found
