# tries: a source whose syntax tree leans to one side, a hundred thousand levels deep
# outcome: E
# reason: double.py


def build(folder):
    (folder / "double.py").write_text("def double(number, work):\n    return " + "8+" * 200_000 + "8\n")
