# tries: equality by way of builtins, left in place, with a wrong answer
# outcome: F
# reason: did not give twice
import builtins


def double(number, work):
    builtins.sum = builtins.sorted = builtins.repr = lambda *_, **__: 8
    work(number)
    return 7
