# tries: exceptions that have a meaning of their own to interpreters and loops
# outcome: F
# reason: raised


def double(number, work):
    if number == 4:
        raise GeneratorExit
    if number == 1:
        raise StopIteration(8)
    raise KeyboardInterrupt
