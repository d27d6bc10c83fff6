# tries: a declared encoding that is none for text
# outcome: R
# reason: declares an encoding


def build(folder):
    (folder / "double.py").write_bytes(b"# coding: rot13\nqrs qbhoyr(ahzore, jbex): erghea 8\n")
