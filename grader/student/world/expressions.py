"""The expressions that the instructions of a program come from: found by the place that its code tells of each."""

from __future__ import annotations

import ast
import types
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.student.world.looks import LONGEST

Place = tuple[int | None, int | None, int | None, int | None]
"""Where code comes from, as `co_positions` has it."""


class Source:
    """The expressions of one file, by the place where they end."""

    def __init__(self, text: str) -> None:
        """Args: text: of the file; one that cannot be parsed has no expressions."""
        self._ends: dict[tuple[type, int | None, int | None], ast.AST] = {}
        self._contexts: dict[tuple[int | None, int | None], ast.expr] = {}
        self._withs: dict[int, int] = {}
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        for node in _nodes(tree):
            if isinstance(node, ast.expr):
                self._ends.setdefault((type(node), node.end_lineno, node.end_col_offset), node)
            elif isinstance(node, ast.With):
                self._withs[node.lineno] = node.end_lineno or node.lineno
            elif isinstance(node, ast.withitem):
                expression = node.context_expr
                self._contexts[expression.end_lineno, expression.end_col_offset] = expression

    def attribute(self, place: Place, name: str) -> ast.Attribute | None:
        """The expression `....name` that ends there."""
        node = self._ends.get((ast.Attribute, place[1], place[3]))
        return node if isinstance(node, ast.Attribute) and node.attr == name else None

    def subscript(self, place: Place) -> ast.Subscript | None:
        """The expression `...[...]` that ends there."""
        node = self._ends.get((ast.Subscript, place[1], place[3]))
        return node if isinstance(node, ast.Subscript) else None

    def name(self, place: Place) -> ast.Name | None:
        """The name that ends there."""
        node = self._ends.get((ast.Name, place[1], place[3]))
        return node if isinstance(node, ast.Name) else None

    def called(self, place: Place) -> ast.expr | None:
        """What the call that ends there calls."""
        node = self._ends.get((ast.Call, place[1], place[3]))
        if not isinstance(node, ast.Call) or (place[0] or 0, place[2] or 0) < (node.lineno, node.col_offset):
            return None  # the end of a `with` has the place of all of it
        return node.func

    def is_within(self, line: int, start: int) -> bool:
        """Whether a line belongs to the `with` statement that starts at another one."""
        return start <= line <= self._withs.get(start, 0)

    def context(self, place: Place) -> ast.expr | None:
        """The context expression of a `with` that ends there."""
        return self._contexts.get((place[1], place[3]))


@dataclass
class Code:
    """What is known of a code object."""

    source: Source
    """Of its file."""
    places: list[Place]
    """Of its instructions, which are two bytes each."""


class Expressions:
    """The expressions of a program, read file by file as they are asked for."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """Args: read: gives the text of a file of the program."""
        self._read = read
        self._sources: dict[str, Source] = {}
        self._codes: dict[types.CodeType, Code] = {}

    def of(self, code: types.CodeType) -> Code:
        """Where its instructions come from."""
        known = self._codes.get(code)
        if known is None:
            file = code.co_filename
            if file not in self._sources:
                self._sources[file] = Source(self._read(file))
            known = self._codes[code] = Code(self._sources[file], list(code.co_positions()))
        return known

    def called(self, frame: types.FrameType) -> ast.expr | None:
        """What the call that is under way in a frame calls."""
        code = self.of(frame.f_code)
        return code.source.called(code.places[frame.f_lasti // 2])

    def is_within(self, file: str, line: int, start: int) -> bool:
        """Whether a line of a file that is known already belongs to the `with` statement that starts at another one.

        Raises:
            KeyError: nothing of that file has been asked for.
        """
        return self._sources[file].is_within(line, start)


def written(node: ast.AST | None) -> str:
    """An expression as text, on one line, cut."""
    if node is None:
        return ""
    text = ast.unparse(node)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, the outer ones first."""
    todo = deque([tree])
    while todo:
        node = todo.popleft()
        todo.extend(ast.iter_child_nodes(node))
        yield node
