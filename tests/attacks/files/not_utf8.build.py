# tries: a source that is not UTF-8
# outcome: R
# reason: is not UTF-8: the byte at offset 14 (line 2) is 0xe9; save it as UTF-8


def build(folder):
    (folder / "double.py").write_bytes(b'"""A."""\n# caf\xe9\ndef double(number, work):\n    return 8\n')
