# tries: to be executed as an interpreter starts: sitecustomize.py, usercustomize.py, .pth files
# outcome: N
# says: sitecustomize.py is not used

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
CODE = "open('/tmp/threadlab-attack-site', 'w').close(); print('REACHED', 'site')"


def build(folder):
    (folder / "double.py").write_text(HONEST)
    for name in ("sitecustomize.py", "usercustomize.py", "evil.pth", "__main__.py", "__init__.py"):
        (folder / name).write_text(f"import sys; {CODE}\n")
    (folder / ".local/lib/python3.11/site-packages").mkdir(parents=True)
    (folder / ".local/lib/python3.11/site-packages/evil.pth").write_text(f"import sys; {CODE}\n")
