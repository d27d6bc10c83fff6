# tries: what pytest skips a test with, and passes an expected failure with
# outcome: F
# reason: `double` raised
import sys


class Skipped(BaseException):
    __module__ = "_pytest.outcomes"
    msg, pytrace, allow_module_level, _use_item_location = "not here", False, True, False


class XFailed(BaseException):
    __module__ = "_pytest.outcomes"


def double(number, work):
    if number == 1:
        raise XFailed("expected")
    raise sys.modules[__name__].Skipped("not here")
