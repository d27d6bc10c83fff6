# tries: exceptions that hang on each other in circles and in groups, a thousand deep
# outcome: F
# reason: raised


def double(number, work):
    error = ValueError("\x1b[2J")
    error.__cause__ = error.__context__ = error
    for _ in range(1_000):
        error = ExceptionGroup("group", [error])
        error.add_note("::error::note\n" * 100)
    raise error
