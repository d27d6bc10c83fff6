# tries: modules with the names of the library's, which every import would find first
# outcome: N
# says: threading.py has the name of a module of the standard library

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
EVIL = "print('REACHED', __name__)\nraise SystemExit(0)\n"


def build(folder):
    (folder / "double.py").write_text(HONEST)
    for name in ("threading.py", "json.py", "queue/__init__.py", "_thread.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(EVIL)
