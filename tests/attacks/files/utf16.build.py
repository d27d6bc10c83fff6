# tries: a source in UTF-16, as some editors save it
# outcome: R
# reason: is saved as UTF-16; save it as UTF-8


def build(folder):
    (folder / "double.py").write_text("def double(number, work):\n    return 8\n", encoding="utf-16")
