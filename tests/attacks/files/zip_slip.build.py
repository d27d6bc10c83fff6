# tries: an archive with entries that lead out of the folder it is unpacked to
# outcome: R
# reason: zip
import zipfile

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    path = folder / "submission.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("double.py", HONEST)
        for name in ("../threadlab-attack-slipped", "/tmp/threadlab-attack-slipped", "..\\threadlab-attack-slipped"):
            archive.writestr(name, "slipped")
    return path
