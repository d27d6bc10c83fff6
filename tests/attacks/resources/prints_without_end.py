# tries: to print without end
# outcome: F
# reason: without end


def double(number, work):
    while True:
        print("100 passed " * 1000)
