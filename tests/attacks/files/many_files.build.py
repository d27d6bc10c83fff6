# tries: more files than anybody would look through
# outcome: R
# reason: more than 500 files

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
    for number in range(2_000):
        (folder / f"{number}.txt").touch()
