# tries: an answer that holds itself
# outcome: F
# reason: did not give twice
# fails: test_twice, test_twice_of_a_fraction
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    endless = {}
    endless["endless"] = [endless, (endless,)]
    return endless
