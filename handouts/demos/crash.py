"""A thread that ends the process takes all others with it; a process that ends leaves the others alone.

Prints:
    a process has ended, with status 3; we go on
    a thread has ended the process, with status 3; its main thread said: ''
"""

import os
import subprocess
import sys

child = os.fork()
if child == 0:
    os._exit(3)
_, status = os.waitpid(child, 0)
print(f"a process has ended, with status {os.waitstatus_to_exitcode(status)}; we go on")

PROGRAM = """
import os, threading
thread = threading.Thread(target=lambda: os._exit(3))
thread.start()
thread.join()
print("still here")
"""
done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
print(f"a thread has ended the process, with status {done.returncode}; its main thread said: {done.stdout!r}")
