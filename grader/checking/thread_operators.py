"""Operators for mutants that get the threads wrong: what people forget, swap, or take for atomic."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from grader.checking.tree import Edit, Tree

_DROPPED = (
    "acquire", "cancel", "clear", "close", "join", "notify", "notify_all", "put", "release", "set", "settimeout",
    "shutdown", "start", "stop", "task_done", "wait",
)  # fmt: skip
_WAITS = ("wait", "get", "recv", "accept", "sleep", "join", "acquire")
_MAKERS = (
    "Barrier", "BoundedSemaphore", "Condition", "Event", "LifoQueue", "Lock", "PriorityQueue", "Queue", "RLock",
    "Semaphore", "SimpleQueue", "bytearray", "defaultdict", "deque", "dict", "list", "set",
)  # fmt: skip


def drop_lock(tree: Tree) -> Iterator[Edit]:
    """Does without a context manager: `with lock:` no longer takes the lock."""
    for node in tree.nodes:
        if not isinstance(node, ast.With):
            continue
        plain = [item.context_expr for item in node.items if item.optional_vars is None]
        if len(node.items) == 1 and plain:
            yield Edit(plain[0], tree.span(node)[0], tree.span(plain[0])[1], "if True")
        elif len(node.items) > 1:
            yield from (tree.replace(item, _NO_CONTEXT) for item in plain)


_NO_CONTEXT = "__import__('contextlib').nullcontext()"


def drop_call(tree: Tree) -> Iterator[Edit]:
    """Leaves out a call that starts, ends, wakes or lets go: `thread.join()`, `queue.task_done()`."""
    for node in tree.nodes:
        if isinstance(node, ast.Expr) and _method(node.value) in _DROPPED:
            yield tree.replace(node, "pass")


def join_at_start(tree: Tree) -> Iterator[Edit]:
    """Waits for each thread as soon as it is started."""
    for node, call in _starts(tree):
        join = f"{tree.text(call.value)}.join()"
        if not isinstance(call.value, ast.Call) and tree.text(tree.next(node) or node) != join:
            yield tree.replace(node, f"{tree.text(node)}; {join}")


def run_instead_of_start(tree: Tree) -> Iterator[Edit]:
    """Runs what a thread should in the thread that is there already."""
    for node, call in _starts(tree):
        yield tree.replace(node, f"{tree.text(call.value)}.run()")


def join_the_last_only(tree: Tree) -> Iterator[Edit]:
    """Waits for the last thread of a loop, and for none before."""
    for node in tree.nodes:
        if isinstance(node, ast.For) and any(_method(part) == "join" for part in _calls(node)):
            yield tree.replace(node.iter, f"list({tree.text(node.iter)})[-1:]")


def swap_locks(tree: Tree) -> Iterator[Edit]:
    """Takes two locks the other way round."""
    for node in tree.nodes:
        if not isinstance(node, ast.With):
            continue
        items = [item.context_expr for item in node.items if item.optional_vars is None]
        inner = node.body[0]
        if len(node.body) == 1 and isinstance(inner, ast.With) and len(node.items) == len(inner.items) == 1:
            items += [item.context_expr for item in inner.items if item.optional_vars is None]
        for one, other in pairwise(items):
            yield _swapped(tree, one, other)


def move_out_of_with(tree: Tree) -> Iterator[Edit]:
    """Does the first or the last thing under a lock before the lock is taken, or after it has been let go."""
    for node in tree.nodes:
        if not isinstance(node, ast.With) or len(node.body) < 2:
            continue
        first, last = node.body[0], node.body[-1]
        start, last_end = tree.span(node)[0], tree.span(last)[1]
        indent = " " * node.col_offset
        head = tree.data[start : tree.line_start(first)].decode()
        rest = tree.data[tree.line_start(node.body[1]) : last_end].decode()
        yield Edit(first, start, last_end, f"{_dedented(tree, first, node)}\n{indent}{head}{rest}")
        yield Edit(last, tree.line_start(last), last_end, f"{indent}{_dedented(tree, last, node)}")


def notify_one(tree: Tree) -> Iterator[Edit]:
    """Wakes one of those who wait, not all."""
    for node in tree.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "notify_all":
            yield tree.replace(node, f"{tree.text(node.value)}.notify")


def wait_once(tree: Tree) -> Iterator[Edit]:
    """Looks at what it has waited for once, and not again after it has been woken: `if` for `while`."""
    for node in tree.nodes:
        if isinstance(node, ast.While) and any(_method(call) in _WAITS for call in _calls(node)):
            start = tree.span(node)[0]
            if not any(isinstance(part, ast.Break | ast.Continue) for part in ast.walk(node)):
                yield Edit(node, start, start + len("while"), "if")


def wait_for_ever(tree: Tree) -> Iterator[Edit]:
    """Waits without the time limit that was given."""
    for node in tree.nodes:
        if isinstance(node, ast.Call) and _method(node) in ("wait", "join", "get") and len(node.args) == 1:
            assert isinstance(node.func, ast.Attribute)
            if not isinstance(node.func.value, ast.Constant) and isinstance(tree.parent(node), ast.Expr):
                yield tree.replace(node, f"{tree.text(node.func)}()")


def share_what_is_fresh(tree: Tree) -> Iterator[Edit]:
    """Makes one buffer, lock or list for all calls, where each call, thread or object had a fresh one."""
    for node in tree.nodes:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or not tree.in_function(node):
            continue
        if _is_fresh(node.value):
            yield tree.replace(node.value, f"globals().setdefault('_shared_{node.lineno}', {tree.text(node.value)})")


def drop_finally(tree: Tree) -> Iterator[Edit]:
    """Does only where nothing was raised what has to be done in any case."""
    for node in tree.nodes:
        if not isinstance(node, ast.Try) or not node.finalbody:
            continue
        before = (node.orelse or (node.handlers[-1].body if node.handlers else node.body))[-1]
        at = tree.data.rindex(b"finally", tree.span(before)[1], tree.span(node.finalbody[0])[0])
        end = at + len("finally")
        if node.handlers and not node.orelse:
            yield Edit(node.finalbody[0], at, end, "else")
        elif not node.handlers:
            begin = tree.span(node)[0]
            body = tree.data[begin + len("try") : at].decode()
            yield Edit(node.finalbody[0], begin, end, f"if True{body}if True")


def drop_daemon(tree: Tree) -> Iterator[Edit]:
    """Starts a thread that keeps the program from ending."""
    for node in tree.nodes:
        if isinstance(node, ast.keyword) and node.arg == "daemon":
            yield tree.replace(node, "daemon=None")


def take_in_two_steps(tree: Tree) -> Iterator[Edit]:
    """Looks at an item first, and takes it then: between the two another thread may take it."""
    first = {"popleft": "0", "pop": "-1"}
    for node in tree.nodes if _has_threads(tree) else ():
        if isinstance(node, ast.Call) and not node.args and not node.keywords and _method(node) in first:
            assert isinstance(node.func, ast.Attribute)
            line = tree.text(node.func.value)
            yield tree.replace(node, f"({line}[{first[_method(node)]}], {tree.text(node)})[0]")


def bind_late(tree: Tree) -> Iterator[Edit]:
    """Hands a thread a function that reads its variables when it runs, not when it is made."""
    for node in tree.nodes:
        if not isinstance(node, ast.Call) or not _name(node.func).endswith("Thread"):
            continue
        given = {keyword.arg: keyword for keyword in node.keywords}
        if "target" in given and "args" in given:
            target, args = given["target"].value, given["args"].value
            start, end = sorted(place for key in ("target", "args") for place in tree.span(given[key]))[::3]
            if len(node.keywords) == 2 and not node.args:
                yield Edit(node, start, end, f"target=lambda: {tree.text(target)}(*{tree.text(args)})")


def swap_statements(tree: Tree) -> Iterator[Edit]:
    """Does two things in the other order, at least one of which is for other threads to see."""
    for block in tree.bodies():
        for one, other in pairwise(block):
            if _may_move(one) and _may_move(other) and (_is_seen(one) or _is_seen(other)):
                yield _swapped(tree, one, other)


def _has_threads(tree: Tree) -> bool:
    """Whether a module has to do with threads: what is not shared can be taken in as many steps as one likes."""
    imports = (node for node in tree.nodes if isinstance(node, ast.Import | ast.ImportFrom))
    names = {getattr(node, "module", None) or alias.name for node in imports for alias in node.names}
    return bool({name.partition(".")[0] for name in names} & {"_thread", "concurrent", "threading"})


def _may_move(node: ast.stmt) -> bool:
    simple = isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.For | ast.With | ast.Delete)
    return simple and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _is_seen(node: ast.stmt) -> bool:
    return any(_method(call) in (*_DROPPED, *_WAITS) for call in _calls(node))


def _swapped(tree: Tree, one: ast.AST, other: ast.AST) -> Edit:
    (start, end), (other_start, other_end) = tree.span(one), tree.span(other)
    between = tree.data[end:other_start].decode()
    return Edit(one, start, other_end, f"{tree.text(other)}{between}{tree.text(one)}")


def _dedented(tree: Tree, node: ast.stmt, to: ast.stmt) -> str:
    """A statement's text, as far in as another one is."""
    lines = tree.text(node).split("\n")
    less = node.col_offset - to.col_offset
    return "\n".join([lines[0], *(line[less:] if not line[:less].strip() else line for line in lines[1:])])


def _starts(tree: Tree) -> Iterator[tuple[ast.Expr, ast.Attribute]]:
    for node in tree.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _method(node.value) == "start":
            assert isinstance(node.value.func, ast.Attribute)
            yield node, node.value.func


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def _method(node: ast.AST) -> str:
    """The name of the method that a call is of; empty if it is none."""
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_fresh(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return isinstance(node.left, ast.List)
    return isinstance(node, ast.Call) and _name(node.func) in _MAKERS
