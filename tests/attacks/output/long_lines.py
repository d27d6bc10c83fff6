# tries: a reason that fills every screen: one line of megabytes, and a hundred thousand lines
# outcome: F
# reason: raised


def double(number, work):
    print("x" * (1 << 20))
    raise ValueError("x" * (1 << 24) if number == 4 else "x\n" * 100_000)
