"""Open files are shared: what one thread opens, another one reads and a third one closes.

Prints:
    read by another thread: b'hello'
    closed by a third: True
"""

import tempfile
import threading

opened = []
found = []


def in_a_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def open_it():
    file = tempfile.TemporaryFile()
    file.write(b"hello")
    file.seek(0)
    opened.append(file)


in_a_thread(open_it)
in_a_thread(lambda: found.append(opened[0].read()))
in_a_thread(lambda: opened[0].close())
print("read by another thread:", found[0])
print("closed by a third:", opened[0].closed)
