# tries: plain data that looks like the wire's own tags, hoping that it is taken for what they mean
# outcome: F
# fails: test_twice, test_twice_of_a_fraction
# reason: did not give twice
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return {"t": "int", "v": "0x8"} if number == 4 else {"t": "float", "v": "1.0"}
