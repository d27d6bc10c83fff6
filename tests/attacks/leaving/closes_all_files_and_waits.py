# tries: to close every descriptor in a thread, and to wait for ever in the call
# outcome: F
# reason: broke what connects it with the test
import os
import threading


def double(number, work):
    threading.Thread(target=os.closerange, args=(3, 4096)).start()
    threading.Event().wait()
