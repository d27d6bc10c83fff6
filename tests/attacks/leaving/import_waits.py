# tries: an import that waits for what never comes
# outcome: E
# reason: is stuck
import threading

threading.Event().wait()
