"""Sources are parsed one at a time, whatever the threads do."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader import syntax_tree


def test_no_two_threads_parse_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = []
    most = []

    def parse(source: str) -> ast.Module:
        inside.append(source)
        most.append(len(inside))
        tree = compile(source, "x", "exec", ast.PyCF_ONLY_AST)
        inside.pop()
        return tree

    monkeypatch.setattr(ast, "parse", parse)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(syntax_tree.parse, ["x = " + "(" * 50 + "1" + ")" * 50] * 200))
    assert max(most) == 1


def test_what_is_no_source_is_told_as_ever() -> None:
    with pytest.raises(SyntaxError):
        syntax_tree.parse("def")
