# tries: abort()
# outcome: F
# reason: was ended by SIGABRT during `double`
import os


def double(number, work):
    os.abort()
