"""Measures the pages: how large they are, how soon they answer, how long it takes to filter and to sort.

    python benchmarks/pages.py [--students 2000]     # needs Chromium and `pip install -e '.[browser]'`

The report is that of a submission with a fault in each exercise, which has every kind of failure; bounds are those of
the project: a report below 1 MiB that can be used within 300 ms, a course of 2,000 students below 5 MiB that is
filtered in 100 ms. Times are the browser's own, the best of five, since the machine may be busy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import figures  # noqa: E402 - the same submission and the same course as in the screenshots

from grader.course import load_course  # noqa: E402
from grader.reports import html  # noqa: E402

READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
ACT = (
    "(act) => { const began = performance.now(); act(); document.body.offsetHeight; return performance.now() - began; }"
)
FILTER = f"() => ({ACT})(() => {{ words.value = words.value ? '' : 'student 1'; show(); }})"
SORT = f"() => ({ACT})(() => document.querySelectorAll('#rows thead button')[1].click())"


def best(page: Any, measure: str, times: int = 5) -> float:
    """The shortest of some measurements, in milliseconds."""
    return min(float(page.evaluate(measure)) for _ in range(times))


def ready(browser: Any, file: Path, times: int = 5) -> float:
    """Milliseconds from opening a page until it answers, scripts included."""
    found = []
    for _ in range(times):
        page = browser.new_page()
        page.goto(file.as_uri())
        found.append(float(page.evaluate(READY)))
        page.close()
    return min(found)


def main() -> int:
    """Prints the table; 1 if a bound is not kept."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=2_000)
    students = parser.parse_args().students
    course = load_course(ROOT)
    rows: list[tuple[str, float, float, str]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report, table = Path(folder) / "report.html", Path(folder) / "course.html"
        report.write_bytes(html.render(figures.faulty(course)))
        table.write_bytes(figures.made_up_course(course, students))
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"])
        rows.append(("report, size", report.stat().st_size / 1024, 1024, "KiB"))
        rows.append(("report, ready", ready(browser, report), 300, "ms"))
        rows.append((f"course of {students}, size", table.stat().st_size / 1024, 5 * 1024, "KiB"))
        rows.append((f"course of {students}, ready", ready(browser, table), float("inf"), "ms"))
        page = browser.new_page()
        page.goto(table.as_uri())
        rows.append((f"course of {students}, filter", best(page, FILTER, 10), 100, "ms"))
        rows.append((f"course of {students}, sort", best(page, SORT), float("inf"), "ms"))
        browser.close()
    for name, value, bound, unit in rows:
        print(f"{name:<28}{value:>8.0f} {unit}" + (f"   (bound {bound:.0f})" if bound != float("inf") else ""))
    return int(any(value > bound for _, value, bound, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
