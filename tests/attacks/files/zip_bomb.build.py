# tries: an archive of a few kilobytes that unpacks to gigabytes
# outcome: R
# reason: data.txt has 67,108,864 bytes
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
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("double.py", HONEST)
        with archive.open("data.txt", "w", force_zip64=True) as file:
            for _ in range(64):
                file.write(bytes(1 << 20))
    return path
