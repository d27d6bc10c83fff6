# tries: to have the harness say that the call itself runs in another thread than it does
# outcome: F
# fails: test_work_has_its_own_thread
# flag: thread
# open: the number of the thread that calls a probe is taken from the message
import sys

harness = sys.modules["grader.student.harness"]
_numbers = iter(range(424242, 10**9))
harness._get_native_id = lambda: next(_numbers)


def double(number, work):
    return 2 * work(number)
