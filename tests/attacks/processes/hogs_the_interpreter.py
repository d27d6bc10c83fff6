# tries: to hold the interpreter's lock in one call of C that takes for ever: a regular expression
# outcome: F
# reason: computes without end
import re


def double(number, work):
    return re.match(r"(a|a)*$", "a" * 60 + "b")
