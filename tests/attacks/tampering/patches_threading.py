# tries: a `Thread` that runs its target in the caller, where it is said to be another thread
# outcome: F
# fails: test_work_has_its_own_thread
# reason: work was not called once, in another thread
import threading


class Thread:
    def __init__(self, target):
        self._target = target

    def start(self):
        self._target()

    def join(self):
        pass


threading.Thread = Thread
threading.get_ident = threading.get_native_id = lambda: 4242
threading.current_thread = lambda: Thread(None)


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
