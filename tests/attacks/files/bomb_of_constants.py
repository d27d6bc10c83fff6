# tries: constants that the compiler works out: memory and time before anything has run
# outcome: E
# reason: double.py


def double(number, work):
    return ((((((("x" * 4096) * 4096) * 4096) * 4096) * 4096),) * 4096) * (10**9) ** (10**7)


VALUE = double(0, None)
