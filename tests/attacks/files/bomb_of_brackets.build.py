# tries: a source nested so deeply that a parser's stack overflows, on the grader's side as well
# outcome: E
# reason: cannot be imported: MemoryError
# reason at limits: double.py


def build(folder):
    (folder / "double.py").write_text("def double(number, work):\n    return " + "-" * 300_000 + "8\n")
