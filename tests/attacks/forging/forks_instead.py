# tries: a process in place of a thread: the child calls the probe, and reads the wire itself
# outcome: F
# fails: test_twice, test_twice_of_a_fraction, test_work_has_its_own_thread
import os


def double(number, work):
    pid = os.fork()
    if pid == 0:
        return 2 * work(number)
    os.waitpid(pid, 0)
    os._exit(0)
