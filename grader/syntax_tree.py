"""Parses Python sources, one at a time: CPython 3.11 counts the depth of a tree for all threads together.

Two threads that parse at once get "AST constructor recursion depth mismatch" now and then (SystemError), for sources
that nothing is wrong with.
"""

from __future__ import annotations

import ast
import threading
import warnings

_one_at_a_time = threading.Lock()


def parse(source: bytes | str) -> ast.Module:
    """The tree of a source, as `ast.parse` gives it, without its warnings.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: as `ast.parse` does.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a text is not for us to complain of
        return ast.parse(source)
