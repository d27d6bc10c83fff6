"""Mutants of a reference: its source with one thing wrong, each with a name that stays when lines move."""

from __future__ import annotations

import ast
import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.checking import other_operators, thread_operators
from grader.checking.tree import Edit, Function, Tree
from grader.syntax_tree import parse

_REMARK = re.compile(r"#.*")
"""Or what looks like one: a digest need not tell."""

Operator = Callable[[Tree], Iterator[Edit]]

THREAD_OPERATORS: tuple[Operator, ...] = (
    thread_operators.drop_lock,
    thread_operators.drop_call,
    thread_operators.join_at_start,
    thread_operators.run_instead_of_start,
    thread_operators.join_the_last_only,
    thread_operators.swap_locks,
    thread_operators.move_out_of_with,
    thread_operators.notify_one,
    thread_operators.wait_once,
    thread_operators.wait_for_ever,
    thread_operators.share_what_is_fresh,
    thread_operators.drop_finally,
    thread_operators.drop_daemon,
    thread_operators.take_in_two_steps,
    thread_operators.bind_late,
    thread_operators.swap_statements,
    other_operators.slice_by_one,
)
"""How people get threads wrong, the bounds of chunks included."""

OTHER_OPERATORS: tuple[Operator, ...] = (
    other_operators.change_constant,
    other_operators.change_comparison,
    other_operators.negate_condition,
    other_operators.swap_and_or,
    other_operators.change_arithmetic,
    other_operators.return_nothing,
    other_operators.return_early,
    other_operators.drop_raise,
    other_operators.drop_statement,
    other_operators.catch_nothing,
    other_operators.catch_less,
    other_operators.leave_the_loop_otherwise,
)


@dataclass(frozen=True)
class Mutant:
    """A reference with one thing wrong."""

    id: str
    """Operator, place and a digest of what is changed into what: the same when lines move."""
    operator: str
    concurrency: bool
    line: int
    source: str
    diff: str


def mutants_of(source: str, given: str = "") -> list[Mutant]:
    """All mutants of a module.

    Args:
        source: of the reference.
        given: the source of the stub; what the reference has from there unchanged is not mutated.

    Nor is what carries `# pragma: no cover`.

    Raises:
        SyntaxError: one of them is no module.
    """
    tree = Tree(source)
    mine = _not_given(tree, given)
    found: dict[str, Mutant] = {}
    ids: Counter[str] = Counter()
    for operator in (*THREAD_OPERATORS, *OTHER_OPERATORS):
        name = operator.__name__.replace("_", "-")
        for edit in operator(tree):
            changed = tree.edited(edit)
            if changed in found or not mine(edit.node) or tree.is_excluded(edit.node) or not _is_module(changed):
                continue
            key = f"{name}/{tree.scope(edit.node)}/{_digest(tree, edit)}"
            ids[key] += 1
            found[changed] = Mutant(
                id=key if ids[key] == 1 else f"{key}-{ids[key]}",
                operator=name,
                concurrency=operator in THREAD_OPERATORS,
                line=getattr(edit.node, "lineno", 1),
                source=changed,
                diff=_diff(source, changed),
            )
    return list(found.values())


def _not_given(tree: Tree, given: str) -> Callable[[ast.AST], bool]:
    """Whether a node is the reference's own, and not the stub's."""
    stub = {node.name: ast.dump(node) for node in parse(given).body if isinstance(node, Function | ast.ClassDef)}

    def mine(node: ast.AST) -> bool:
        places = [node, *tree.above(node)]
        return not any(
            isinstance(outer, Function | ast.ClassDef) and stub.get(outer.name) == ast.dump(outer) for outer in places
        )

    return mine


def _digest(tree: Tree, edit: Edit) -> str:
    """Of the statement that is changed, what is taken out and what is put in; not of its place."""
    statement = tree.statement(edit.node)
    head = tree.text(statement).partition("\n")[0] if statement is not None else ""
    old = tree.data[edit.start : edit.end].decode()
    parts = (" ".join(_REMARK.sub("", text).split()) for text in (head, old, _nameless(edit.text)))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]


def _nameless(text: str) -> str:
    """Without the number of the line in the name of what is shared."""
    before, shared, rest = text.partition("'_shared_")
    return before + rest.partition("'")[2] if shared else text


def _is_module(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "reference", "mutant", lineterm="", n=1)
    return "\n".join(list(lines)[2:])
