"""Operators for mutants that get anything else wrong: bounds, conditions, and what is forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checking.tree import Edit, Tree

_BOUNDARY: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*", ast.Mod: "*", ast.Div: "*",
}  # fmt: skip


def slice_by_one(tree: Tree) -> Iterator[Edit]:
    """Widens or narrows a slice or a range by one."""
    for node in tree.nodes:
        bounds: list[ast.expr | None] = []
        if isinstance(node, ast.Slice):
            bounds = [node.lower, node.upper]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            bounds = list(node.args[:2])
        for bound in bounds:
            if bound is not None:
                yield tree.replace(bound, f"({tree.text(bound)}) + 1")
                yield tree.replace(bound, f"({tree.text(bound)}) - 1")


def change_constant(tree: Tree) -> Iterator[Edit]:
    """Adds one to a number, or takes one away."""
    for node in tree.nodes:
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield from (tree.replace(node, str(node.value + by)) for by in (1, -1))


def change_comparison(tree: Tree) -> Iterator[Edit]:
    """Moves the boundary of a comparison, or turns it round."""
    for node in tree.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            sign = _BOUNDARY[type(node.ops[0])]
            yield tree.replace(node, f"{tree.text(node.left)} {sign} {tree.text(node.comparators[0])}")


def negate_condition(tree: Tree) -> Iterator[Edit]:
    """Does what was to be done if something holds if it does not."""
    for node in tree.nodes:
        tests = [node.test] if isinstance(node, ast.If | ast.While | ast.IfExp) else getattr(node, "ifs", [])
        for test in tests:
            if not isinstance(test, ast.Compare):  # that one is turned round by another operator
                yield tree.replace(test, f"not ({tree.text(test)})")


def swap_and_or(tree: Tree) -> Iterator[Edit]:
    """Asks for one of two things where both are needed, or for both where one is enough."""
    for node in tree.nodes:
        if isinstance(node, ast.BoolOp):
            word = " or " if isinstance(node.op, ast.And) else " and "
            yield tree.replace(node, f"({word.join(f'({tree.text(value)})' for value in node.values)})")


def change_arithmetic(tree: Tree) -> Iterator[Edit]:
    """Calculates with another sign."""
    for node in tree.nodes:
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not isinstance(node.left, ast.List):
            left, right = tree.text(node.left), tree.text(node.right)
            yield tree.replace(node, f"(({left}) {_ARITHMETIC[type(node.op)]} ({right}))")
        elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
            sign = _ARITHMETIC[type(node.op)]
            yield tree.replace(node, f"{tree.text(node.target)} {sign}= {tree.text(node.value)}")


def return_nothing(tree: Tree) -> Iterator[Edit]:
    """Forgets to return what was worked out."""
    for node in tree.nodes:
        if isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            yield tree.replace(node.value, "None")


def return_early(tree: Tree) -> Iterator[Edit]:
    """Returns before anything is done."""
    for node in tree.nodes:
        if isinstance(node, ast.FunctionDef):
            body = [item for item in node.body if not _is_text(item)]
            if body and not isinstance(body[0], ast.Return | ast.Raise):
                start = tree.span(body[0])[0]
                yield Edit(body[0], start, start, f"return\n{' ' * body[0].col_offset}")


def drop_raise(tree: Tree) -> Iterator[Edit]:
    """Goes on where it should have complained."""
    for node in tree.nodes:
        if isinstance(node, ast.Raise):
            yield tree.replace(node, "pass")


def drop_statement(tree: Tree) -> Iterator[Edit]:
    """Leaves a call, a change or a deletion out."""
    for node in tree.nodes:
        call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        store = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
        if (call or store or isinstance(node, ast.AugAssign | ast.Delete)) and tree.in_function(node):
            yield tree.replace(node, "pass")


def catch_nothing(tree: Tree) -> Iterator[Edit]:
    """Lets an exception through."""
    for node in tree.nodes:
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            yield tree.replace(node.type, "()")


def catch_less(tree: Tree) -> Iterator[Edit]:
    """Forgets that not every exception is an `Exception`."""
    for node in tree.nodes:
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "BaseException":
            yield tree.replace(node.type, "Exception")


def leave_the_loop_otherwise(tree: Tree) -> Iterator[Edit]:
    """Goes on with a loop instead of leaving it, or leaves it instead of going on."""
    for node in tree.nodes:
        if isinstance(node, ast.Break):
            yield tree.replace(node, "continue")
        elif isinstance(node, ast.Continue):
            yield tree.replace(node, "break")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
