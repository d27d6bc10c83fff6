# tries: a link to a file outside in the place of the submission's file
# outcome: R
# reason: double.py is a symbolic link; put what it points to in its place, or remove it


def build(folder):
    (folder / "double.py").symlink_to("/etc/passwd")
