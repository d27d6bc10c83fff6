# tries: an answer that runs a command where it is unpickled, as object and as bytes
# outcome: F
# fails: test_twice, test_twice_of_a_fraction
# reason: did not give twice
import os
import pickle
import threading


class Answer:
    def __reduce__(self):
        return os.system, ("touch /tmp/threadlab-attack-unpickled; echo REACHED pickle",)


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    return pickle.dumps(Answer()) if number == 4 else Answer()
