# tries: to have the harness itself name another thread than the one that calls the probe
# outcome: F
# fails: test_work_has_its_own_thread
# flag: thread
# open: the number of the thread that calls a probe is taken from the message
import sys

harness = sys.modules["grader.student.harness"]


def double(number, work):
    harness._get_native_id = lambda: 424242
    return 2 * work(number)
