# tries: a package `grader` and a `msgspec` of its own, with the harness and the tests that suit it
# outcome: N

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
EVIL = "print('REACHED', __name__)\nopen('/tmp/threadlab-attack-grader', 'w').close()\n"
NAMES = (
    "grader/__init__.py", "grader/student/__init__.py", "grader/student/harness.py", "grader/wire.py", "grader/testing.py",
    "msgspec.py", "msgspec/__init__.py", "pytest.py", "_pytest/__init__.py", "pluggy.py", "test_public.py", "test_hidden.py",
)  # fmt: skip


def build(folder):
    (folder / "double.py").write_text(HONEST)
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(EVIL)
