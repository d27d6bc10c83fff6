# tries: to hold the interpreter's lock with arithmetic that takes for ever
# outcome: F
# reason: computes without end


def double(number, work):
    return 3 ** (10**9) // 7
