# tries: hooks and settings of a repository that run commands, for whoever runs git in it
# outcome: N

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
EVIL = "#!/bin/sh\ntouch /tmp/threadlab-attack-git\n"
CONFIG = """[core]
\tfsmonitor = touch /tmp/threadlab-attack-git
\tsshCommand = touch /tmp/threadlab-attack-git
\thooksPath = hooks
[diff]
\texternal = touch /tmp/threadlab-attack-git
[filter "evil"]
\tclean = touch /tmp/threadlab-attack-git
\tsmudge = touch /tmp/threadlab-attack-git
[include]
\tpath = /etc/passwd
"""


def build(folder):
    (folder / "double.py").write_text(HONEST)
    (folder / ".git/hooks").mkdir(parents=True)
    (folder / ".git/objects").mkdir()
    (folder / ".git/refs").mkdir()
    (folder / ".git/HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git/config").write_text(CONFIG)
    (folder / ".gitattributes").write_text("* filter=evil\n")
    for name in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman"):
        (folder / ".git/hooks" / name).write_text(EVIL)
        (folder / ".git/hooks" / name).chmod(0o755)
