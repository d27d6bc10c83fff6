# tries: a source whose syntax tree is deeper than any stack: calls of calls of calls
# outcome: E
# reason: double.py


def build(folder):
    (folder / "double.py").write_text("def double(number, work):\n    return work" + "()" * 100_000 + "\n")
