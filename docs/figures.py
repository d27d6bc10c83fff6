"""Makes all figures of the handouts, and the screenshots of the docs, from what the grader itself sees.

    python docs/figures.py            # needs solutions/; screenshots need Chromium and `pip install -e '.[browser]'`

The figures are timelines of gradings: nothing in them is drawn by hand.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from grader.course import Course, load_course
from grader.grading import grade
from grader.reports.pictures import lanes
from grader.results import Result, TestResult
from grader.settings import Look

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "handouts" / "figures"
SCREENSHOTS = ROOT / "docs" / "screenshots"
WIDE, LANE, LEFT, GAP = 720, 22, 110, 30
STYLE = """
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#5a6069}.title{font-weight:600;fill:#1d2127}
.bar{fill:#cfe0f1;stroke:#28598c}.wait{fill:#f3f1ec;stroke:#b9b4a8}.axis{stroke:#b9b4a8}
@media (prefers-color-scheme:dark){text{fill:#a3a9b3}.title{fill:#e6e7ea}.bar{fill:#1f3143;stroke:#8fbce8}
.wait{fill:#24282d;stroke:#5a6069}.axis{stroke:#5a6069}}
"""

Row = tuple[str, list[tuple[float, float, str, str]]]
"""A lane's name, and its bars: begin, end, class, label."""


def svg(parts: Sequence[tuple[str, list[Row]]], ticks: int) -> str:
    """Parts below one another, each a title and lanes, over the same number of ticks."""
    shapes, y, unit = [], 8.0, (WIDE - LEFT - 20) / ticks
    for title, rows in parts:
        shapes.append(f'<text class="title" x="0" y="{y + 12:.0f}">{escape(title)}</text>')
        y += 22
        for name, bars in rows:
            shapes.append(f'<text x="{LEFT - 8}" y="{y + 15:.0f}" text-anchor="end">{escape(name)}</text>')
            for begin, end, kind, label in bars:
                x, width = LEFT + unit * begin, unit * (end - begin)
                shapes.append(
                    f'<rect class="{kind}" x="{x:.1f}" y="{y + 3:.0f}" width="{width:.1f}" height="{LANE - 6}" rx="2"/>'
                )
                if label:
                    shapes.append(f'<text x="{x + 4:.1f}" y="{y + 15:.0f}">{escape(label)}</text>')
            y += LANE
        shapes.append(f'<path class="axis" d="M{LEFT} {y + 2:.0f}H{LEFT + unit * ticks:.0f}"/>')
        step = max(1, ticks // 10)
        shapes += [
            f'<text x="{LEFT + unit * tick:.0f}" y="{y + 16:.0f}" text-anchor="middle">{tick}</text>'
            for tick in range(0, ticks + 1, step)
        ]
        y += GAP
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y:.0f}" width="{WIDE}" height="{y:.0f}">'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def one_test(course: Course, exercise: str, source: Path, test: str) -> TestResult:
    """The verdict of one test on a source."""
    with tempfile.TemporaryDirectory() as folder:
        handed_in = Path(folder) / f"{exercise}.py"
        shutil.copy(source, handed_in)
        return grade(handed_in, course, look=Look(tests=(test,))).exercises[0].tests[0]


def timeline(test: TestResult) -> list[Row]:
    """The lanes of a test's virtual time, each connection's pieces in one."""
    free: list[float] = []
    rows: list[Row] = []
    for span in sorted(lanes.spans_of(test), key=lambda span: span["began"]):
        at = next((at for at, until in enumerate(free) if until <= span["began"]), len(free))
        if at == len(free):
            free.append(0.0)
            rows.append((f"connection {at + 1}", []))
        free[at] = span["ended"]
        rows[at][1].append((span["began"], span["ended"], "bar", ""))
    return rows


def fetching(course: Course) -> str:
    """In waves, and as it should be."""
    solution = course.exercise("parallel_fetcher").solution
    assert solution is not None
    test = "test_a_long_page_does_not_hold_the_short_ones_back"
    parts = []
    for title, file in (("in waves", "faulty/waves.py"), ("each takes the next one at once", "parallel_fetcher.py")):
        rows = timeline(one_test(course, "parallel_fetcher", solution / file, test))
        parts.append((title, rows))
    return svg(parts, int(max(bar[1] for _, rows in parts for _, bars in rows for bar in bars)))


def models(course: Course) -> str:
    """Three threads that compute, call and compute, in three models on two CPUs: the reference's own Gantt charts."""
    solution = course.exercise("threading_models").solution
    assert solution is not None
    spec = importlib.util.spec_from_file_location("threading_models", solution / "threading_models.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    threads = [[("cpu", 2), ("io", 6), ("cpu", 2)] for _ in range(3)]
    parts = []
    for name, options in (("user", {}), ("kernel", {}), ("hybrid", {"lwps": 2})):
        result = module.simulate(threads, name, cpus=2, **options)
        title = name + (" with two LWPs" if options else "") + f": over at {result.makespan}"
        parts.append((title, [(f"CPU {number + 1}", _runs(line)) for number, line in enumerate(result.gantt)]))
    return svg(parts, max(int(title.rpartition(" ")[2]) for title, _ in parts))


def _runs(line: str) -> list[tuple[float, float, str, str]]:
    """A line of a Gantt chart as bars."""
    bars: list[tuple[float, float, str, str]] = []
    for tick, char in enumerate(line):
        if char == ".":
            continue
        if bars and bars[-1][3] == char and bars[-1][1] == tick:
            bars[-1] = (bars[-1][0], tick + 1, *bars[-1][2:])
        else:
            bars.append((tick, tick + 1, "bar", char))
    return bars


# --- screenshots -----------------------------------------------------------------------------------


def faulty(course: Course) -> Result:
    """A grading of a submission with a fault in each exercise, with all that pictures need."""
    with tempfile.TemporaryDirectory() as folder:
        for exercise, name in (
            ("threaded_sum", "total_in_an_attribute"),
            ("dispatcher_server", "reads_in_the_communication_thread"),
            ("parallel_fetcher", "waves"),
            ("threading_models", "first_lwp_costs"),
        ):
            solution = course.exercise(exercise).solution
            assert solution is not None
            target = Path(folder) / "alice" / exercise / f"{exercise}.py"
            target.parent.mkdir(parents=True)
            shutil.copy(solution / "faulty" / f"{name}.py", target)
        return grade(Path(folder) / "alice", course, look=Look(illustrated=True))


def screenshots(course: Course) -> None:
    """The report with a race half played, and the instructor's page."""
    from playwright.sync_api import sync_playwright

    from grader.reports import html

    def hints(exercise: str, rule: str) -> tuple[str, ...]:
        rubric = course.exercise(exercise)
        return tuple(hint for key, text in rubric.rules.items() if text == rule for hint in rubric.hints.get(key, ()))

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        (Path(folder) / "report.html").write_bytes(html.render(faulty(course), hints))
        page.goto((Path(folder) / "report.html").as_uri())
        page.screenshot(path=SCREENSHOTS / "report.png")
        story = page.locator("figure.story").first
        for _ in range(6):
            story.get_by_label("one step on").click()
        story.screenshot(path=SCREENSHOTS / "race.png")
        (Path(folder) / "course.html").write_bytes(made_up_course(course))
        page.goto((Path(folder) / "course.html").as_uri())
        page.screenshot(path=SCREENSHOTS / "course.png")
        browser.close()


def made_up_course(course: Course, students: int = 60) -> bytes:
    """The instructor's page of students that there are not, always the same."""
    import random

    from grader.reports.course_page import Student, Test, render

    drawn = random.Random(1)
    tests = [
        Test(one.name, name, group.name, points)
        for one in course.exercises
        for group in one.groups
        for name, points in group.tests.items()
    ]

    def student(number: int) -> Student:
        skill = drawn.random()
        verdicts: dict[tuple[str, str], str] = {}
        points: dict[str, float] = {}
        for test in tests:
            passed = drawn.random() < skill + 0.3
            verdicts[test.exercise, test.name] = "passed" if passed else "failed"
            points[test.exercise] = points.get(test.exercise, 0.0) + passed * test.max_score
        flags = ("read a file of the grader's",) if number == 17 else ()
        return Student(f"student {number:02}", sum(points.values()), 100.0, points, verdicts, 0.0, flags)

    return render([student(number) for number in range(1, students + 1)], tests, course.title)


def main() -> int:
    """Makes everything; 1 if the screenshots could not be made."""
    course = load_course(ROOT)
    for folder in (FIGURES, SCREENSHOTS):
        folder.mkdir(exist_ok=True)
    drawn: dict[str, Any] = {"fetching": fetching, "models": models}
    for name, draw in drawn.items():
        (FIGURES / f"{name}.svg").write_text(draw(course), encoding="utf-8")
    try:
        screenshots(course)
    except Exception as error:  # no browser, in whatever way
        print(f"no screenshots: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
