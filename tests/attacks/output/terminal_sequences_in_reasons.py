# tries: the same by way of the reason for a failure
# outcome: F
# reason: raised


class Error(Exception):
    pass


Error.__name__ = "\x1b[2J\x1b]52;c;ZXZpbA==\x07\u202eError"


def double(number, work):
    raise Error("\x1b[8m\x9b31m\r\b\x00\x7f\u2066hidden\u200b\U000e0041\ud800" + "\x1b]0;t\x07" * 1000)
