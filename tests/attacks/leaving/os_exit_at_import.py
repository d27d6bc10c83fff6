# tries: os._exit(0) while it is imported
# outcome: E
# reason: ended itself during `import double` with exit status 0
import os

os._exit(0)
