# tries: names that are commands, options, escape sequences, formulas and markup, beside a right solution
# outcome: N
import os

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
NAMES = [
    b"-rf", b"--help", b"$(touch x)", b"; touch x", b"a b\tc", b"=cmd|'!A1", b"<script>alert(1)<script>", b"``` x",
    b"\x1b[2J\x1b]0;x\x07.py", b"::error::x", b"new\nline.py", b"\xff\xfe.py", "\u202egnp.py".encode(), b"\\..\\x", b"x" * 250,
    b"threading\n.py", b"CON", b"%s%n", b"{0}", b"[bold]x",
]  # fmt: skip


def build(folder):
    (folder / "double.py").write_text(HONEST)
    for name in NAMES:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(b"print('REACHED', 'here')")
