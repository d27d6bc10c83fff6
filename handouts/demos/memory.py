"""A forked process has its own copy of memory; a thread shares it.

Prints:
    after a process: 0
    after a thread:  1
"""

import os
import threading

total = 0


def add():
    global total
    total += 1


child = os.fork()
if child == 0:
    add()  # changes the child's own copy
    os._exit(0)
os.waitpid(child, 0)
print("after a process:", total)

thread = threading.Thread(target=add)
thread.start()
thread.join()
print("after a thread: ", total)
