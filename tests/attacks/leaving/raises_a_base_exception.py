# tries: an exception that `except Exception` does not catch
# outcome: F
# reason: `double` raised Away


class Away(BaseException):
    pass


def double(number, work):
    raise Away
