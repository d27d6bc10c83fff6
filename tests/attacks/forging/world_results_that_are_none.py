# tries: to have the controlled world tell what nobody can read, so that the test itself falls over
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
    for observed in told.observed:
        observed.results = {key: ["value", {"t": "pickle", "v": "gASV"}] for key in observed.results}
        observed.entries = [[*entry[:2], [{"t": "int", "v": "zz"}], *entry[3:]] for entry in observed.entries]
        observed.schedule = observed.switches = "\x1b[2J" + "-".join(map(str, range(20_000)))
    return told


explorer.run = garbled
found = []


def double(number, work):
    found.clear()
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
