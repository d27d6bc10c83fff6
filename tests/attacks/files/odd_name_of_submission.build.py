# tries: a submission whose own name is an escape sequence and a command
# outcome: N

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    own = folder / "\x1b[31mred\n::error::x\u202e\x07"
    own.mkdir()
    (own / "double.py").write_text(HONEST)
    return own
