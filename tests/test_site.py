"""The site: the reference of hooks leaves none out, and pages lead to pages that are there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from grader import hooks

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "handouts").glob("*.md")), ROOT / "README.md"]
MADE = {"hooks.md", "handouts"}
"""What the build of the site brings into docs/."""


@pytest.fixture(scope="module")
def hooks_page() -> Any:
    spec = importlib.util.spec_from_file_location("hooks_page", ROOT / "docs" / "hooks_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_hook_is_told_of_with_its_arguments(hooks_page: Any) -> None:
    page = hooks_page.render()
    for name in vars(hooks):
        if name.startswith("grader_"):
            assert f"\n## {name}\n" in page
    assert (
        "- `test`: with its verdict and `max_score`" in page and "The first answer that is not `None` counts." in page
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_what_is_there(page: Path) -> None:
    for link in re.findall(
        r"\]\(([^)#]+)(?:#[^)]*)?\)", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    ):
        if "://" not in link and not MADE & {*Path(link).parts} and " " not in link:
            assert (page.parent / link).exists(), f"{page.name}: {link}"
