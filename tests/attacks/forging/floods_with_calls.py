# tries: to call the probe without end, as fast as it can
# outcome: F
# reason: without end


def double(number, work):
    while True:
        work(number)
