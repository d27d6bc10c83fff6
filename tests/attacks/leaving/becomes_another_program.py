# tries: to become `true`, whose exit status is 0
# outcome: F
# reason: during `double`
import os


def double(number, work):
    os.execv("/bin/true", ["true"])
