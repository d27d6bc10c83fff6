# tries: a link to a folder outside in the place of the exercise's folder
# outcome: R
# reason: double is a symbolic link


def build(folder):
    (folder / "double").symlink_to("/etc")
