# tries: a folder with the name of the submission's file
# outcome: R
# reason: double.py is a folder


def build(folder):
    (folder / "double.py").mkdir()
    (folder / "double.py" / "double.py").write_text("print('REACHED', 'here')")
