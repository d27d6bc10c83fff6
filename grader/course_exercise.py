"""Reads one exercise: its `exercise.yaml`, checked against the tests that its files define."""

from __future__ import annotations

import keyword
import math
from dataclasses import replace
from pathlib import Path

from grader.course_model import Exercise, Group, Problem, StudentTests, name_in, quoted, suggestion
from grader.course_tests import Definition, read_tests
from grader.course_yaml import Value, read_yaml

_WHOLE_LIMITS = ("memory_mib", "processes", "output_kib", "files")
_LIMITS = (*_WHOLE_LIMITS, "cpu_seconds", "idle_seconds")
_GREATEST_LIMIT = 1_000_000  # more is a slip, and may be more than the kernel takes

_QUARTER = 0.25


def read_exercise(folder: Path, problems: list[Problem]) -> tuple[Exercise, Value]:
    """The exercise as far as it could be read, and the value of its points.

    Args:
        folder: `exercises/<name>`, an absolute path.
        problems: takes the reports of all that is wrong.
    """
    root = folder.parent.parent
    top = read_yaml(folder / "exercise.yaml", root, problems)
    fields = top.fields(["title", "points", "defines", "rules", "groups"], ["limits", "hints", "tests_by_student"])
    listed: dict[str, Value] = {}
    rules = {rule: value.text() for rule, value in fields["rules"].entries().items()}
    solution = root / "solutions" / folder.name
    exercise = Exercise(
        name=folder.name,
        title=fields["title"].text(),
        points=points(fields["points"]),
        folder=folder,
        defines=_defines(fields["defines"]),
        limits=_limits(fields["limits"]),
        rules=rules,
        hints=_hints(fields["hints"], rules),
        groups=_groups(fields["groups"], listed),
        solution=solution if solution.is_dir() else None,
        student_tests=_student_tests(fields["tests_by_student"], fields["groups"].entries()),
    )
    _check_sum(fields["points"], exercise.points, [group.points for group in exercise.groups], "groups")
    _check_stub(exercise, root, problems)
    return _with_tests(exercise, root, listed, problems), fields["points"]


def is_name(text: str) -> bool:
    """Whether Python code can define something of that name."""
    return text.isidentifier() and not keyword.iskeyword(text)


def points(value: Value) -> float:
    """The points that a value gives; NaN, and a report, if it gives none."""
    number = value.number()
    if number < 0:
        value.report(f"is {number:g}; points must not be negative")
        return math.nan
    if number % _QUARTER:  # true of NaN too, which has been reported
        if not math.isnan(number):
            value.report(f"is {number:g}; points must be a multiple of {_QUARTER}")
        return math.nan
    return float(number)


def differ(one: float, other: float) -> bool:
    """Whether two numbers of points are both known and not the same."""
    return not math.isnan(one - other) and one != other


# --- the parts of exercise.yaml --------------------------------------------------------------


def _defines(value: Value) -> dict[str, str]:
    kinds = {}
    for name, kind in value.entries().items():
        if not is_name(name):
            kind.report("names nothing that Python code could define; write the name of a function or class")
        kinds[name] = kind.text()
        if kinds[name].strip() and kinds[name] not in ("function", "class"):
            kind.report(f'is {quoted(kinds[name])}; write "function" or "class"')
    return kinds


def _limits(value: Value) -> dict[str, float | int]:
    given = {name: limit for name, limit in value.fields([], _LIMITS).items() if limit.node is not None}
    return {name: _limit(name, limit) for name, limit in given.items()}


def _limit(name: str, value: Value) -> float | int:
    number = value.number()
    if number <= 0 or number > _GREATEST_LIMIT:
        value.report(f"is {number:g}; a limit must be greater than 0 and at most {_GREATEST_LIMIT}")
    elif name in _WHOLE_LIMITS and isinstance(number, float) and not math.isnan(number):
        value.report(f"is {number:g}; write a whole number, without a decimal point")
    return number


def _hints(value: Value, rules: dict[str, str]) -> dict[str, tuple[str, ...]]:
    hints = {}
    for rule, hint in value.entries().items():
        if rules and rule not in rules:
            hint.report(f"is a hint for an unknown rule; {_mend_rule(rule, rules)}")
        hints[rule] = hint.texts()
    return hints


def _mend_rule(rule: str, rules: dict[str, str]) -> str:
    return suggestion(rule, rules, 'add the rule to "rules" or correct its id')


def _groups(value: Value, listed: dict[str, Value]) -> tuple[Group, ...]:
    """The groups; puts each test that they list into `listed`."""
    return tuple(_group(name, group, listed) for name, group in value.entries().items())


def _group(name: str, value: Value, listed: dict[str, Value]) -> Group:
    fields = value.fields(["points", "tests"])
    entries = fields["tests"].entries()
    for test, entry in entries.items():
        _list_test(test, entry, listed)
    group = Group(name, points(fields["points"]), {test: points(entry) for test, entry in entries.items()})
    _check_sum(fields["points"], group.points, list(group.tests.values()), "tests")
    return group


def _list_test(name: str, value: Value, listed: dict[str, Value]) -> None:
    if not (is_name(name) and name.startswith("test_")):
        value.report('is no name of a test; write a function\'s name that begins with "test_"')
    elif name in listed:
        value.report(f"lists a test a second time (first on line {listed[name].line}); take one away or rename it")
    else:
        listed[name] = value


def _student_tests(value: Value, groups: dict[str, Value]) -> StudentTests | None:
    if value.node is None:
        return None
    fields = value.fields(["points"], ["enough", "but"])
    enough = 1.0 if fields["enough"].node is None else fields["enough"].number()
    if not 0 < enough <= 1 and not math.isnan(enough):
        fields["enough"].report(f"is {enough:g}; it is a share: greater than 0 and at most 1")
    but = () if fields["but"].node is None else fields["but"].texts()
    for name in but:
        if groups and name not in groups:
            fields["but"].report(f"names the unknown group {quoted(name)}; {suggestion(name, groups)}")
    return StudentTests(points(fields["points"]), float(enough), but)


def _check_sum(value: Value, stated: float, parts: list[float], of_what: str) -> None:
    if parts and differ(stated, sum(parts)):
        value.report(f"is {stated:g}, but the points of its {of_what} add up to {sum(parts):g}; make them equal")


# --- against the files -----------------------------------------------------------------------


def _check_stub(exercise: Exercise, root: Path, problems: list[Problem]) -> None:
    # In a student's copy the stub is the submission, and intake has more to say about its absence.
    if exercise.solution and not exercise.stub.is_file():
        message = f"file is missing; every exercise needs its stub, of the folder's name ({exercise.stub.name})"
        problems.append(Problem(name_in(root, exercise.stub), None, message))


def _with_tests(exercise: Exercise, root: Path, listed: dict[str, Value], problems: list[Problem]) -> Exercise:
    """The exercise with what its tests' files define, checked against what is listed."""
    public = read_tests(exercise.public_tests, root, problems)
    hidden: list[Definition] | None = []
    if exercise.hidden_tests:
        hidden = read_tests(exercise.hidden_tests, root, problems)
    if public is None or hidden is None:
        return exercise
    defined = [*public, *hidden]
    if exercise.hidden_tests:
        _check_listing(defined, listed, name_in(root, exercise.folder / "exercise.yaml"), problems)
    else:
        # A student's copy: tests that are listed and not here are the hidden ones; tests that are here and not listed
        # are the student's own, and no business of ours.
        defined = [test for test in defined if test.name in listed]
    _check_unique(defined, problems)
    _check_rules(defined, exercise.rules, problems)
    return replace(exercise, public_rules=_rules_by_test(public), hidden_rules=_rules_by_test(hidden))


def _rules_by_test(tests: list[Definition]) -> dict[str, tuple[str, ...]]:
    return {test.name: tuple(test.rules) for test in tests}


def _check_listing(defined: list[Definition], listed: dict[str, Value], file: str, problems: list[Problem]) -> None:
    names = {test.name for test in defined}
    for name, value in listed.items():
        if name not in names:
            remedy = suggestion(name, names - listed.keys(), "define it or take it off the list")
            value.report(f"lists a test that no file defines; {remedy}")
    for test in defined:
        if listed and test.name not in listed:
            message = f"test {quoted(test.name)} is not listed; give it points in a group of {file}"
            problems.append(Problem(test.file, test.line, message))


def _check_unique(defined: list[Definition], problems: list[Problem]) -> None:
    first: dict[str, Definition] = {}
    for test in defined:
        seen = first.setdefault(test.name, test)
        if seen is not test:
            message = f"test {quoted(test.name)} is defined twice (first in {seen.file}:{seen.line}); rename one"
            problems.append(Problem(test.file, test.line, message))


def _check_rules(defined: list[Definition], rules: dict[str, str], problems: list[Problem]) -> None:
    for test in defined:
        if not test.rules:
            message = f'test {quoted(test.name)} checks no rule; put @rule("...") with an id of exercise.yaml above it'
            problems.append(Problem(test.file, test.line, message))
        for rule, line in test.rules.items():
            if rules and rule not in rules:
                message = f"test {quoted(test.name)} checks the unknown rule {quoted(rule)}; {_mend_rule(rule, rules)}"
                problems.append(Problem(test.file, line, message))
