# tries: bytecode that says another thing than the source beside it, and is marked as never to be checked
# outcome: N
import importlib.util
import marshal
import sys

HONEST = """import threading


def double(number, work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(number)))
    thread.start()
    thread.join()
    return 2 * found[0]
"""
EVIL = "print('REACHED', 'bytecode')\ndef double(number, work):\n    return 2 * number\n"
HELPER = "VALUE = 2\n"


def build(folder):
    (folder / "double.py").write_text(HONEST.replace("2 *", "helper.VALUE *").replace("import threading", "import threading\n\nimport helper"))
    (folder / "helper.py").write_text(HELPER)
    (folder / "__pycache__").mkdir()
    for name in ("double", "helper"):
        code = marshal.dumps(compile(EVIL, f"{name}.py", "exec"))
        unchecked = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + code
        for path in (folder / f"{name}.pyc", folder / "__pycache__" / f"{name}.{sys.implementation.cache_tag}.pyc"):
            path.write_bytes(unchecked)
