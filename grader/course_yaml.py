"""YAML values that know their file, key and line, and report what they are not.

Each reader of a value reports to `problems` what is wrong and then returns an empty value, so that
one reading finds all problems. A number that cannot be read is NaN, and so is every sum with it.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.course_model import Problem, name_in, quoted, read_file, suggestion

_TAG = "tag:yaml.org,2002:"
# Narrower than YAML 1.1, in which 010 is eight and 1:30 is ninety.
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")


@dataclass(frozen=True)
class Value:
    """One value of a YAML file."""

    file: str
    """Path from the course's root, with slashes."""
    key: str
    """The keys that lead to it, as in `groups.blocking.points`; empty for the whole file."""
    line: int
    """The line of its key."""
    node: yaml.Node | None
    """None if the key is not there: reads as empty, without a report."""
    problems: list[Problem]
    """Takes the reports of all values of one reading."""

    def report(self, message: str) -> None:
        """Adds a problem with this value.

        Args:
            message: goes on where the key's name ends.
        """
        subject = quoted(self.key) if self.key else "file"
        self.problems.append(Problem(self.file, self.line, f"{subject} {message}"))

    def text(self) -> str:
        """The text it holds."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _TAG + "str":
            if not self.node.value.strip():
                self.report("is empty; fill it in")
            return str(self.node.value)
        self._is_not("text")
        return ""

    def texts(self) -> tuple[str, ...]:
        """The text it holds, or the texts of the list it holds."""
        if isinstance(self.node, yaml.SequenceNode):
            return tuple(item.text() for item in self.items())
        return (self.text(),)

    def number(self) -> float | int:
        """The number it holds: an `int` if written as one; NaN if there is none."""
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag in (_TAG + "int", _TAG + "float"):
            written = self.node.value
            if _NUMBER.fullmatch(written) and math.isfinite(float(written)):
                return float(written) if "." in written else int(written)
        self._is_not("a finite number such as 2 or 0.5")
        return math.nan

    def items(self) -> list[Value]:
        """The values of the list it holds."""
        if not isinstance(self.node, yaml.SequenceNode):
            self._is_not("a list")
            return []
        if not self.node.value:
            self.report("is empty; fill it in or leave it out")
        return [
            Value(self.file, f"{self.key}[{index}]", node.start_mark.line + 1, node, self.problems)
            for index, node in enumerate(self.node.value)
        ]

    def entries(self) -> dict[str, Value]:
        """The values of the mapping it holds, by key."""
        if not isinstance(self.node, yaml.MappingNode):
            self._is_not('a mapping of "key: value"')
            return {}
        if not self.node.value:
            self.report("is empty; fill it in or leave it out")
        found: dict[str, Value] = {}
        for key_node, node in self.node.value:
            self._add_entry(found, key_node, node)
        return found

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Value]:
        """The values under the keys that a mapping may have, and no others.

        Args:
            required: keys whose absence is reported.
            optional: keys that may be absent.

        Returns:
            A value for each of these keys, also for one that is absent.
        """
        known = [*required, *optional]
        found = self.entries()
        for name, value in found.items():
            if name not in known:
                message = f"unknown key {quoted(value.key)}; {suggestion(name, known)}"
                self.problems.append(Problem(self.file, value.line, message))
        for name in required:
            if name not in found and isinstance(self.node, yaml.MappingNode):
                message = f"missing key {quoted(self._below(name))}; add it"
                self.problems.append(Problem(self.file, self.line, message))
        return {name: found.get(name) or self._absent(name) for name in known}

    def _add_entry(self, found: dict[str, Value], key_node: yaml.Node, node: yaml.Node) -> None:
        line = key_node.start_mark.line + 1
        if key_node.tag != _TAG + "str":
            message = f"a key must be text; found {_describe(key_node)}"
            self.problems.append(Problem(self.file, line, message + _quoting(key_node)))
            return
        name = str(key_node.value)
        value = Value(self.file, self._below(name), line, node, self.problems)
        if name in found:
            value.report(f"is given twice (first on line {found[name].line}); remove or rename one")
        else:
            found[name] = value

    def _below(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name

    def _absent(self, name: str) -> Value:
        return Value(self.file, self._below(name), self.line, None, self.problems)

    def _is_not(self, expected: str) -> None:
        if self.node is not None:
            remedy = _quoting(self.node) if expected == "text" else ""
            self.report(f"must be {expected}; found {_describe(self.node)}{remedy}")


def _describe(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    kind = node.tag.removeprefix(_TAG)
    if kind == "null":
        return "nothing"
    if kind in ("str", "merge"):
        return f"the text {quoted(node.value)}"
    names = {"bool": "the truth value", "int": "the number", "float": "the number", "timestamp": "the date"}
    return f"{names.get(kind, 'a special value')} {node.value}"


def _quoting(node: yaml.Node) -> str:
    """The remedy where YAML took for something else what was perhaps meant as text."""
    plain = isinstance(node, yaml.ScalarNode) and node.value
    return f"; put it in quotes: {quoted(node.value)}" if plain else ""


def read_yaml(path: Path, root: Path, problems: list[Problem]) -> Value:
    """The whole of a YAML file as one value; an absent one, and a report, where it cannot be read.

    Args:
        path: where it is.
        root: the course's root, from which it is named.
        problems: takes the reports, of this reading and of what is later read from the value.
    """
    absent = Value(name_in(root, path), "", 1, None, problems)
    content = read_file(path, root, problems)
    if content is None:
        return absent
    try:
        return _compose(content.decode("utf-8"), absent)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(absent.file, line, "not UTF-8 text; save the file as UTF-8"))
        return absent


def _parse(text: str) -> yaml.Node | None:
    """The root node. The parser in C is thirty times as fast, the one in Python says better what is wrong."""
    if hasattr(yaml, "CSafeLoader"):
        with contextlib.suppress(yaml.YAMLError, ValueError, OverflowError):
            return yaml.compose(text, Loader=yaml.CSafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _compose(text: str, absent: Value) -> Value:
    file, problems = absent.file, absent.problems
    try:
        node = _parse(text)
    except yaml.MarkedYAMLError as error:
        problems.append(_syntax_error(file, error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.append(Problem(file, line, f"character {text[error.position]!a} is not allowed in YAML; remove it"))
    except RecursionError:
        problems.append(Problem(file, 1, "nested too deeply; remove brackets"))
    except (ValueError, OverflowError):  # from chr(), of an escape beyond Unicode
        problems.append(Problem(file, 1, "an escape in double quotes names no character; remove it"))
    else:
        if node is not None:
            return Value(file, "", 1, node, problems)
        problems.append(Problem(file, 1, "file is empty; fill it in"))
    return absent


def _syntax_error(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = " ".join((error.problem or error.context or "cannot be read").split())
    remedy = "check the indentation and brackets, and put text that holds `: `, ` #` or a tab in quotes"
    if mark is None:
        return Problem(file, None, f"YAML syntax: {said}; {remedy}")
    return Problem(file, mark.line + 1, f"YAML syntax, column {mark.column + 1}: {said}; {remedy}")
