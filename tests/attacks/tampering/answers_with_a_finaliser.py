# tries: finalisers and weak references that run while the answer is on its way, and raise
# outcome: N
import threading
import weakref


class Late:
    def __init__(self):
        self.me = self
        weakref.finalize(self, lambda: 1 / 0)

    def __del__(self):
        raise SystemExit(0)


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    Late()
    late = Late()
    late.me = None
    return 2 * found[0]
