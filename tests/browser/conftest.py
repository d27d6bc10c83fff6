"""What the tests in a browser share: Chromium without a network, and pages whose errors are kept.

Skipped where there is no Chromium or no Playwright: `apt install chromium`, `pip install -e '.[browser]'`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, started once."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install -e '.[browser]'")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt install chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens HTML as a file: `open_page(html, width=400)`; nothing may be on its console at the end."""
    said: list[str] = []
    pages: list[Any] = []

    def open_page(html: bytes, width: int = 1100, height: int = 800, **options: Any) -> Any:
        file = tmp_path / f"page{len(pages)}.html"
        file.write_bytes(html)
        page = chromium.new_page(viewport={"width": width, "height": height}, **options)
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url != file.as_uri() else None)
        page.on("dialog", lambda dialog: (said.append("a dialog"), dialog.dismiss()))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert said == []


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """The serious faults that axe finds in a page."""
    package = pytest.importorskip("axe_core_python", reason="needs axe: pip install -e '.[browser]'")
    script = next(Path(package.__file__).parent.rglob("axe*.js")).read_text(encoding="utf-8")

    def run(page: Any) -> list[str]:
        page.evaluate(script)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [
            f"{fault['id']}: {node['html'][:120]}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    return run
