# tries: bytes that are no text, on streams that it has closed, replaced and reopened
# outcome: N
import io
import os
import sys
import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]

os.write(1, bytes(range(256)) * 64 + b"\xff\xfe\xc3\x28\xed\xa0\x80")
os.write(2, b"\xf0\x28\x8c\x28" * 100)
sys.stdout.close()
sys.stderr = sys.stdout = io.TextIOWrapper(io.BytesIO())
sys.stdin = None
os.close(0)
