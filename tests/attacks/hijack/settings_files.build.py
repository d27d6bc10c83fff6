# tries: to have pytest, Python and tools configured by files of its own, in the submission and above it
# outcome: N

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
PLUGIN = "open('/tmp/threadlab-attack-plugin', 'w').close()\nprint('REACHED', 'plugin')\n"
FILES = {
    "pytest.ini": "[pytest]\naddopts = -p evil --co -q\npython_files = *.py\n",
    "tox.ini": "[pytest]\naddopts = -p evil\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p evil\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['-p', 'evil']\n",
    ".pytest.ini": "[pytest]\naddopts = -p evil\n",
    "evil.py": PLUGIN,
    "test_evil.py": PLUGIN,
    "evil-1.0.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n[grader]\nevil = evil\n",
    "evil-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n",
    "setup.py": PLUGIN,
    "Makefile": "all:\n\ttouch /tmp/threadlab-attack-plugin\n",
}


def build(folder):
    for name, text in {"double.py": HONEST, **FILES}.items():
        for place in (folder, folder / "double"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text)
    return folder
