"""Tells a submission that has not been started: what it must define still raises NotImplementedError.

Read, not run: a file that cannot be parsed counts as started, and says itself what is wrong with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from grader.syntax_tree import parse


def not_started(file: Path, defines: Iterable[str]) -> bool:
    """Whether every name in `defines` is there and still as in the stub.

    Args:
        file: the submission.
        defines: the functions and classes that the exercise asks for.
    """
    try:
        tree = parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError, MemoryError):
        return False
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return all(name in found and _is_stub(found[name]) for name in defines)


def _is_stub(node: ast.FunctionDef | ast.ClassDef) -> bool:
    if isinstance(node, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
        others = [item for item in node.body if not isinstance(item, ast.FunctionDef) and not _is_text(item)]
        return bool(methods) and not others and all(map(_is_stub, methods))
    body = [item for item in node.body if not _is_text(item)]
    return len(body) == 1 and _raises_not_implemented(body[0])


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _raises_not_implemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise):
        return False
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"
