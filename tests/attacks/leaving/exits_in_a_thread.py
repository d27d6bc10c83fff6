# tries: os._exit(0) in a thread, once the work has been done
# outcome: F
# reason: ended itself during `double` with exit status 0
import os
import threading


def double(number, work):
    def run():
        work(number)
        os._exit(0)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
