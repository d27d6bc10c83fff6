"""Writes docs/hooks.md: every hook of the grader, from what `grader/hooks.py` says of it.

    python docs/hooks_page.py [--check]

With --check nothing is written; exit status 1 if the page is not what it would be.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grader import hooks, shipped

PAGE = Path(__file__).with_name("hooks.md")
HEAD = """# Hooks

Made by `python docs/hooks_page.py` from `grader/hooks.py`; do not edit.

Everything that a course might want otherwise hangs on one of these hooks, and what ships uses the same ones
(`grader/shipped.py`).
A plug-in is a module with functions of these names, marked `@hookimpl`, in a distribution of its own that registers it:

```toml
[project.entry-points.grader]
our-course = "our_course.plugin"
```

```python
from grader.hooks import hookimpl


@hookimpl
def grader_points(test, exercise):
    if test.verdict == "passed" and test.group == "races":
        return test.max_score
    return None  # no opinion: the next plug-in is asked, and what ships at last
```

Plug-ins are asked before what ships, the one registered last first. A function may leave out arguments that it does
not need.
"""


def render() -> str:
    """The page as Markdown."""
    return HEAD + "".join(_section(name, function) for name, function in _hooks())


def _hooks() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, function in vars(hooks).items():
        if name.startswith("grader_") and callable(function):
            yield name, function


def _section(name: str, function: Callable[..., Any]) -> str:
    options = getattr(function, "grader_spec", None) or {}
    asked = "The first answer that is not `None` counts." if options.get("firstresult") else ""
    asked = asked or ("" if _gives(function) == "None" else "What all plug-ins give is put together.")
    ours = inspect.getdoc(getattr(shipped, name, None)) or ""
    ships = f"\nWhat ships: {ours[0].lower()}{ours[1:]}\n" if hasattr(shipped, name) and ours else ""
    arguments = ", ".join(f"{key}: {value.annotation}" for key, value in inspect.signature(function).parameters.items())
    text = _as_markdown(inspect.getdoc(function) or "")
    parts = [f"\n## {name}\n", f"\n```python\n{name}({arguments}) -> {_gives(function)}\n```\n", f"\n{text}\n"]
    return "".join([*parts, f"\n{asked}\n" if asked else "", ships])


def _gives(function: Callable[..., Any]) -> str:
    return str(inspect.signature(function).return_annotation)


def _as_markdown(text: str) -> str:
    """A Google docstring: its sections as lists."""
    lines = []
    inside = ""
    for line in text.splitlines():
        if found := re.fullmatch(r"(Args|Returns|Raises):", line):
            inside = found[1]
            lines.append(f"**{inside}**\n")
        elif inside and (found := re.fullmatch(r"    (\w+): (.*)", line)) and inside != "Returns":
            lines.append(f"- `{found[1]}`: {found[2]}")
        else:
            lines.append(line.strip() if inside else line)
    return "\n".join(lines)


def main() -> int:
    """Writes or checks; 1 if the page is out of date."""
    text = render()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if stale:
        print("docs/hooks.md is out of date: run `python docs/hooks_page.py`")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
