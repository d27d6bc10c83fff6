# tries: to call the probe itself while another thread of its own, named in its place, waits beside it
# outcome: F
# fails: test_work_has_its_own_thread
# flag: thread
# open: the number of the thread that calls a probe is taken from the message
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
