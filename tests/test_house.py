"""Which rooms may import which: the contract in pyproject.toml holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_import_contract_holds():
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_student_side_needs_nothing_but_the_wire():
    program = (
        "import sys; import grader.student.zygote; "
        "print(*sorted(name for name in sys.modules if name.startswith('grader')))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rooms = {".".join(name.split(".")[:2]) for name in loaded}
    assert rooms == {"grader", "grader.student", "grader.wire"}
