# tries: to become a program that says nothing and never ends, while it is imported
# outcome: E
# reason: import double
import os

os.execv("/bin/sleep", ["sleep", "1000000"])
