# tries: to end the program before anything could be tested, with an exit status that says all is well
# outcome: E
# reason: calls `sys.exit()` while it is imported
import sys

sys.exit(0)
