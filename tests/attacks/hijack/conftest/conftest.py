import os

open("/tmp/threadlab-attack-conftest", "w").close()
print("REACHED", "conftest.py")
os._exit(0)
