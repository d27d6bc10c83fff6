"""What is there before a test begins: what its module speaks of, and no more than that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.student.zygote import NEEDED

if TYPE_CHECKING:
    from tests.conftest import Labs

NAMES = sorted(name for names in NEEDED.values() for name in names)
PROGRAM = """
import sys
from grader.student import zygote
for name in zygote.PRE_IMPORTED:
    __import__(name)
zygote.import_for(sys.argv[1])
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""


def imported_for(path: Path) -> set[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, path, *NAMES], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("word", [word.decode() for word in NEEDED])
def test_what_a_module_speaks_of_is_imported(tmp_path: Path, word: str) -> None:
    (tmp_path / "program.py").write_text(f"import threading\nimport {word}\n")
    assert set(NEEDED[word.encode()]) <= imported_for(tmp_path / "program.py")


@pytest.mark.parametrize("text", [b"import threading\n", b"\xff\x00", b"import nothing_of_ours\n"])
def test_nothing_else_is_imported(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "program.py").write_bytes(text)
    without = imported_for(tmp_path / "not there.py")
    assert imported_for(tmp_path / "program.py") == without
    assert without.isdisjoint({"http.client", "logging", "urllib.request"})


def test_it_is_there_before_the_module_is_executed(lab: Labs) -> None:
    source = "import sys\nfound = 'logging' in sys.modules, 'socket' + 'server' in sys.modules\nlook = lambda: found\n"
    assert lab(source).student.look() == (True, False)
