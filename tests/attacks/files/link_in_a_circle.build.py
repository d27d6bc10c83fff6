# tries: folders that hold themselves by way of links
# outcome: R
# reason: again is a symbolic link

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    (folder / "double.py").write_text(HONEST)
    (folder / "again").symlink_to(folder)
