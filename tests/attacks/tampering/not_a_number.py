# tries: NaN, infinities and a complex number, about which comparisons may say anything
# outcome: F
# fails: test_twice, test_twice_of_a_fraction
# reason: did not give twice
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return float("nan") if number == 4 else complex("nan")
