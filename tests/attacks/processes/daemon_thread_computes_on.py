# tries: a right answer, with a thread left behind that computes for ever
# outcome: N
import threading


def forever():
    while True:
        pass


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    threading.Thread(target=forever, daemon=True).start()
    return 2 * found[0]
