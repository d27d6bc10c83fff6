# tries: to have the controlled world tell a story of a schedule that nobody can read
# exercise: twice
# outcome: E
# reason: which is the grader's
# flag: forged evidence
import sys
import threading

explorer = sys.modules["grader.student.exploring"].Explorer
run = explorer.run


def garbled(self, job):
    told = run(self, job)
    if job.recorded:
        told.story = [{"\x1b[2J": [None] * 1000}, 7, "::error::x", [["x" * 10_000]]]
    return told


explorer.run = garbled
found = []


def double(number, work):
    found.clear()
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
