# tries: an archive with links and devices, through which later entries would be written elsewhere
# outcome: R
# reason: tar
import io
import tarfile

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""

def build(folder):
    path = folder / "submission.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, target in (
            ("out", tarfile.SYMTYPE, "/tmp"),
            ("hard", tarfile.LNKTYPE, "/etc/passwd"),
            ("device", tarfile.CHRTYPE, ""),
            ("fifo", tarfile.FIFOTYPE, ""),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)
        for name in ("out/threadlab-attack-slipped", "../threadlab-attack-slipped", "double.py"):
            entry = tarfile.TarInfo(name)
            entry.size = len(HONEST)
            archive.addfile(entry, io.BytesIO(HONEST.encode()))
    return path
