# tries: an answer that is small here and huge there: one list held by a thousand others, each by a thousand more
# outcome: F
# reason: computes without end
import threading


def double(number, work):
    thread = threading.Thread(target=work, args=(number,))
    thread.start()
    thread.join()
    wide = [8] * 1000
    for _ in range(30):
        wide = [wide] * 1000
    return wide
