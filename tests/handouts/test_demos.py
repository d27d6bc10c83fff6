"""The demonstrations of the handout: each shows what its head says it prints, and each is linked to its claim."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.release.leaks import Secrets

HANDOUT = Path(__file__).parents[2] / "handouts" / "processes-and-threads.md"
DEMOS = sorted(HANDOUT.parent.glob("demos/*.py"))
NEED_LINUX = {"kernel_list", "blocking_call", "switches"}


def expected(demo: Path) -> str:
    """What the head of a demonstration says it prints, as a pattern; `...` stands for a figure of this machine."""
    head = ast.get_docstring(ast.parse(demo.read_text(encoding="utf-8"))) or ""
    lines = [line.strip() for line in head.partition("Prints:\n")[2].splitlines()]
    return "\n".join(re.escape(line).replace(r"\.\.\.", ".+") for line in lines)


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.stem)
def test_a_demonstration_prints_what_its_head_says(demo: Path) -> None:
    if demo.stem in NEED_LINUX and sys.platform != "linux":
        pytest.skip("looks at the kernel's lists")
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(demo)],
        capture_output=True, text=True, timeout=120, check=False, cwd=demo.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(expected(demo), done.stdout.rstrip("\n")), done.stdout


def test_each_claim_has_its_demonstration_and_each_demonstration_its_claim() -> None:
    linked = set(re.findall(r"\]\((demos/\w+\.py)\)", HANDOUT.read_text(encoding="utf-8")))
    assert linked == {f"demos/{demo.name}" for demo in DEMOS}


def test_figures_of_the_handouts_are_there() -> None:
    for handout in HANDOUT.parent.glob("*.md"):
        for figure in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", handout.read_text(encoding="utf-8")):
            assert (handout.parent / figure).is_file(), figure


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.stem)
def test_a_demonstration_is_short(demo: Path) -> None:
    assert len(demo.read_text(encoding="utf-8").splitlines()) <= 75


def test_demonstrations_give_no_line_of_a_solution_away() -> None:
    """`grade release` would refuse them to students."""
    root = HANDOUT.parents[1]
    secret = {str(file): file.read_bytes() for file in root.glob("solutions/**/*.py")}
    public = {str(file): file.read_bytes() for file in root.glob("exercises/**/*") if file.is_file()}
    public["common"] = b"import threading\nimport socket\nfrom collections import deque\n"
    demos = {demo.name: demo.read_bytes() for demo in DEMOS}
    assert [str(leak) for leak in Secrets(secret, public).leaks(demos)] == []
