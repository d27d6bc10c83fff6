# tries: a source with a NUL byte
# outcome: R
# reason: is no text


def build(folder):
    (folder / "double.py").write_bytes(b"def double(number, work):\n    return 8\0\n")
