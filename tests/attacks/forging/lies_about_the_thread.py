# tries: to have the harness itself name another thread than the one that calls the probe
# outcome: F
# flag: forged evidence
# reason: What your process says of itself is not so
import sys

harness = sys.modules["grader.student.harness"]


def double(number, work):
    harness._get_native_id = lambda: 424242
    return 2 * work(number)
