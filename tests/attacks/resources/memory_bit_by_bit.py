# tries: more memory than there may be, bit by bit, and always busy
# outcome: F
# reason: more than 200 MiB of memory


def double(number, work):
    taken = []
    while len(taken) < 1_000:
        taken.append(bytearray(b"x" * (1 << 20)))
    while True:
        pass
