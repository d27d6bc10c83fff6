"""SCTBench CS.circular_buffer: the receiver takes the number of its round for that of the message it gets."""
# bug: assertion
import threading

SIZE = 10
N = 7
buffer = [None] * SIZE
first = 0
following = 0
may_send = True
may_receive = False
lock = threading.Lock()


def insert(value):
    global following
    buffer[following] = value
    following = (following + 1) % SIZE


def remove():
    global first
    first += 1
    return buffer[first - 1]


def send():
    global may_send, may_receive
    sent = 0
    for _ in range(N):
        with lock:
            if may_send:
                insert(sent)
                sent += 1
                may_send, may_receive = False, True


def receive():
    global may_send, may_receive
    received = 0
    for i in range(N):
        with lock:
            if may_receive:
                assert remove() == i
                received += 1
                may_send, may_receive = True, False


def scenario():
    """Messages come in the order in which they were sent."""
    threads = [threading.Thread(target=target) for target in (send, receive)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
