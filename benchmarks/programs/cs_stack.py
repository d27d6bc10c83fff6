"""SCTBench CS.stack: a flag says for ever that there is something to pop, so the stack can be popped when empty."""
# bug: assertion
import threading

SIZE = 10
lock = threading.Lock()
cells = [None] * SIZE
top = 0
filled = False


def push(value):
    global top
    if top == SIZE:
        return False
    cells[top] = value
    top += 1
    return True


def pop():
    global top
    if top == 0:
        return False
    top -= 1
    return True


def pusher():
    global filled
    for i in range(SIZE):
        with lock:
            assert push(i)
            filled = True


def popper():
    global filled
    for _ in range(SIZE):
        with lock:
            if filled:
                assert pop()
                filled = True


def scenario():
    """Nothing is pushed on a full stack, or popped from an empty one."""
    threads = [threading.Thread(target=target) for target in (pusher, popper)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
