# tries: to call the probe without end, from one thread after another
# outcome: F
# reason: without end
import threading


def double(number, work):
    while True:
        thread = threading.Thread(target=work, args=(number,))
        thread.start()
        thread.join()
