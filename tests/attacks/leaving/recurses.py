# tries: unbounded recursion
# outcome: F
# reason: RecursionError


def double(number, work):
    return double(number, work)
