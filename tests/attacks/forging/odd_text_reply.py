# tries: halves of characters, NUL and escape sequences in an answer and in an exception
# outcome: F
# reason: did not give twice
# fails: test_twice, test_twice_of_a_fraction
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return ["\ud800\udfff\x00\x1b[2J\x1b]0;title\x07", b"\xff\x00", "\u202e8"]
