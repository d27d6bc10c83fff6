"""Which tests a file defines and which rules they check, read from its source without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from grader.course_model import Problem, name_in, read_file
from grader.syntax_tree import parse


@dataclass(frozen=True)
class Definition:
    """A test, where it is defined."""

    name: str
    file: str
    """Path from the course's root, with slashes."""
    line: int
    rules: dict[str, int]
    """The ids given to `@rule`, and the lines on which they stand."""


def read_tests(path: Path, root: Path, problems: list[Problem]) -> list[Definition] | None:
    """The tests at the top level of a file, in order.

    Args:
        path: where it is.
        root: the course's root, from which it is named.
        problems: takes the reports.

    Returns:
        None, and a report, where the file cannot be read.
    """
    file = name_in(root, path)
    content = read_file(path, root, problems)
    tree = None if content is None else _parse(content, file, problems)
    if tree is None:
        return None
    return [
        Definition(node.name, file, node.lineno, _rules(node, file, problems))
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    ]


def _parse(content: bytes, file: str, problems: list[Problem]) -> ast.Module | None:
    try:
        return parse(content)
    except SyntaxError as error:
        line, message = error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        line, message = 1, str(error) or "nested too deeply"
    problems.append(Problem(file, line, f"Python syntax: {message}; mend the file"))
    return None


def _rules(test: ast.FunctionDef | ast.AsyncFunctionDef, file: str, problems: list[Problem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for call in test.decorator_list:
        if not (isinstance(call, ast.Call) and _is_rule(call.func)):
            continue
        for argument in call.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.setdefault(argument.value, argument.lineno)
            else:
                message = '@rule takes ids in quotes, such as @rule("some-id"); write them out'
                problems.append(Problem(file, argument.lineno, message))
    return found


def _is_rule(function: ast.expr) -> bool:
    """Whether a decorator is `rule`, `testing.rule` or `pytest.mark.rule`."""
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return bool(name == "rule")
