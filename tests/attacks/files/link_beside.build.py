# tries: a right solution, with a link to a secret beside it that would be copied and shown to it
# outcome: R
# reason: notes.txt is a symbolic link

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
    (folder / "notes.txt").symlink_to("/etc/shadow")
