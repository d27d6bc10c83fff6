# tries: a declared encoding that unpacks, escapes or turns the text, so that what is read is not what runs
# outcome: R
# reason: declares an encoding that is not for source files


def build(folder):
    (folder / "double.py").write_bytes(b"# coding: unicode_escape\n# \\u000aprint('REACHED', 'here')\ndef double(number, work): 8\n")
