"""The source of a module as a tree whose nodes know their place, so that an edit leaves all else as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from grader.syntax_tree import parse

_PRAGMA = re.compile(rb"#\s*pragma:\s*no cover")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Edit:
    """Some bytes of a source, and what stands there instead."""

    node: ast.AST
    """What is changed, for the name of the mutant."""
    start: int
    end: int
    text: str


class Tree:
    """A module's source, parsed."""

    def __init__(self, source: str) -> None:
        """Args: source: of the module.

        Raises:
            SyntaxError: it is none.
        """
        self.data = source.encode()  # positions in a tree are counted in bytes
        self.root = parse(source)
        lines = self._lines = self.data.splitlines(keepends=True)
        self._begins = [0, *accumulate(len(line) for line in lines)]
        self._parents = {child: node for node in ast.walk(self.root) for child in ast.iter_child_nodes(node)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        assert isinstance(node, ast.stmt | ast.expr | ast.excepthandler | ast.keyword)
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self._begins[node.lineno - 1] + node.col_offset,
            self._begins[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, node: ast.AST) -> str:
        """The source of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def line_start(self, node: ast.stmt) -> int:
        """Where the line begins on which a statement begins."""
        return self._begins[node.lineno - 1]

    def parent(self, node: ast.AST) -> ast.AST | None:
        """What a node is part of."""
        return self._parents.get(node)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node is part of, from the inside out."""
        current = self.parent(node)
        while current is not None:
            yield current
            current = self.parent(current)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that a node is, or is part of."""
        places = [node, *self.above(node)]
        return next((place for place in places if isinstance(place, ast.stmt)), None)

    def next(self, node: ast.stmt) -> ast.stmt | None:
        """The statement that comes behind another one in its block; None if it is the last one."""
        blocks = [block for block in vars(self.parent(node) or node).values() if isinstance(block, list)]
        block = next(block for block in blocks if node in block)
        place = block.index(node) + 1
        found: ast.stmt | None = block[place] if place < len(block) else None
        return found

    def in_function(self, node: ast.AST) -> bool:
        """Whether a node is executed when a function is called, not when the module is imported."""
        return any(isinstance(outer, Function | ast.Lambda) for outer in self.above(node))

    def is_excluded(self, node: ast.AST) -> bool:
        """Whether a node is, or lies in, a statement that carries `# pragma: no cover` on its first line."""
        places = (place for place in (node, *self.above(node)) if isinstance(place, ast.stmt | ast.excepthandler))
        return any(_PRAGMA.search(self._lines[place.lineno - 1]) for place in places)

    def scope(self, node: ast.AST) -> str:
        """The functions and classes that a node lies in, with dots; "module" if in none."""
        names = [outer.name for outer in self.above(node) if isinstance(outer, Function | ast.ClassDef)]
        return ".".join(reversed(names)) or "module"

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes in the order of the source, without those whose place is not exact or that nothing executes."""
        return list(self._walk(self.root))

    def _walk(self, node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.JoinedStr) or _is_docstring(child) or _is_annotation(node, child):
                continue
            yield child
            yield from self._walk(child)

    def bodies(self) -> Iterator[list[ast.stmt]]:
        """Every block of statements within a function."""
        for node in self.nodes:
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and block and self.in_function(block[0]):
                    yield block

    def edited(self, edit: Edit) -> str:
        """The source after an edit."""
        return (self.data[: edit.start] + edit.text.encode() + self.data[edit.end :]).decode()

    def replace(self, node: ast.AST, text: str) -> Edit:
        """The edit that puts `text` in the place of a node."""
        return Edit(node, *self.span(node), text)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_annotation(parent: ast.AST, child: ast.AST) -> bool:
    return child in (getattr(parent, "annotation", None), getattr(parent, "returns", None)) and child is not None
