# tries: fifty threads that compute for ever, while the call waits for them
# outcome: F
# reason: computes without end
import threading


def forever():
    while True:
        pass


def double(number, work):
    threads = [threading.Thread(target=forever) for _ in range(50)]
    for thread in threads:
        thread.start()
    threads[0].join()
