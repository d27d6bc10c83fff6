# tries: to call the probe now and then, for ever, so that something always happens
# outcome: F
# reason: never comes to an end
import time


def double(number, work):
    while True:
        work(number)
        time.sleep(0.2)
