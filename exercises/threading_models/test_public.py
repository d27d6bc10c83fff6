"""The tests of `threading_models` that you may read. `examples.json` holds the worked examples.

A Gantt chart has a line for each CPU and a character for each tick: a thread's letter,
`*` for a switch, `.` for an idle CPU.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.testing import Record, rule

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
OPTIONS = ("cpus", "lwps", "user_switch", "kernel_switch", "quantum")


@pytest.fixture
def play(student, evidence):
    """Simulates a worked example; `grade --html` draws its chart if it is not as it should be."""

    def play(example):
        threads = [[tuple(operation) for operation in thread] for thread in example["threads"]]
        options = {name: example[name] for name in OPTIONS if name in example}
        result = student.simulate(threads, example["model"], **options)
        check_types(result, example)
        if "gantt" in example["expect"]:
            evidence("gantt", {"got": result.gantt, "expected": example["expect"]["gantt"], "about": name(example)})
        return result

    return play


def check_types(result, example):
    """Numbers are whole numbers, and lists hold one item for each thread or CPU."""
    assert isinstance(result, Record), f"simulate returned {result!r}, not a Result"
    for figure in ("makespan", "user_switches", "kernel_switches", "mode_switches", "overhead"):
        value = getattr(result, figure)
        assert type(value) is int, f"{figure} is {value!r}, not a whole number"
    for figure in ("completion", "ready", "io", "lock"):
        value = getattr(result, figure)
        assert type(value) is list, f"{figure} is {value!r}, not a list"
        kinds = {type(item) for item in value} - ({type(None)} if figure == "completion" else set())
        good = len(value) == len(example["threads"]) and kinds <= {int}
        assert good, (
            f"{figure} is {value!r}, and should hold a whole number for each of {len(example['threads'])} threads"
        )
    lines = result.gantt
    good = type(lines) is list and [type(line) for line in lines] == [str] * example["cpus"]
    assert good, f"gantt is {lines!r}, and should hold a string for each of {example['cpus']} CPUs"


def examples(*models):
    return [example for example in EXAMPLES if example["model"] in models]


def name(example):
    options = [f"{name}={example[name]}" for name in OPTIONS if example.get(name)]
    return f"{example['title']!r} in {example['model']!r} with {', '.join(options)}"


def check(result, example):
    """Compares every figure that the example gives; the Gantt charts first, they tell most."""
    expected = example["expect"]
    for figure in sorted(expected, key=lambda figure: figure != "gantt"):
        value = getattr(result, figure)
        assert value == expected[figure], (
            f"{name(example)}: {figure} is {value!r}, and should be {expected[figure]!r}"
            + (f": they differ from tick {first_difference(value, expected[figure])} on" if figure == "gantt" else "")
        )


def first_difference(charts, expected):
    """The tick at which two charts part."""
    ticks = max(map(len, charts + expected))
    columns = [[[line[tick : tick + 1] for line in lines] for tick in range(ticks)] for lines in (charts, expected)]
    return next(tick for tick in range(ticks) if columns[0][tick] != columns[1][tick])


@rule("cpu-operation", "zero-time", "makespan", "gantt")
def test_one_thread_alone(student):
    result = student.simulate([[("cpu", 3), ("lock", "m"), ("io", 2), ("unlock", "m"), ("yield",), ("cpu", 1)]], "user")
    assert isinstance(result, Record), f"simulate returned {result!r}, not a Result"
    assert result.gantt == ["AAA..A"], (
        f"three ticks of computing, a call of two, one more tick: gantt is {result.gantt!r}"
    )
    assert result.makespan == 6, f"the only thread completes at 6, and makespan is {result.makespan!r}"
    assert result.completion == [6], f"the only thread completes at 6, and completion is {result.completion!r}"


@rule("worked-examples", "user-call-blocks-all")
def test_worked_examples_of_user(play):
    for example in examples("user"):
        check(play(example), example)


@rule("worked-examples", "kernel-call-blocks-one")
def test_worked_examples_of_kernel(play):
    for example in examples("kernel"):
        check(play(example), example)


@rule("worked-examples", "hybrid-call-blocks-lwp")
def test_worked_examples_of_hybrid(play):
    for example in examples("hybrid"):
        check(play(example), example)


@rule("worked-examples", "lwps-in-activations")
def test_worked_examples_of_activations(play):
    for example in examples("activations"):
        check(play(example), example)


@rule("thread-account", "cpu-account")
def test_accounts_of_the_worked_examples_balance(play):
    """For each thread, the time it ran and the time it waited make up its life; for all CPUs, busy,
    overhead and idle ticks make up cpus x makespan."""
    for example in examples("user", "kernel", "hybrid"):
        result = play(example)
        if example["expect"]["deadlock"] is not None:
            continue
        assert None not in result.completion, f"{name(example)}: a thread never completed"
        chart = "".join(result.gantt)
        assert len(chart) == example["cpus"] * result.makespan, f"{name(example)}: gantt has not one character a tick"
        assert chart.count("*") == result.overhead, f"{name(example)}: gantt and overhead disagree"
        waited = sum(result.ready) + sum(result.io) + sum(result.lock)
        ran = len(chart) - chart.count(".")
        assert sum(result.completion) == ran + waited, (
            f"{name(example)}: the threads complete after {sum(result.completion)} ticks in all, "
            f"and ran for {ran} and waited for {waited}"
        )


@rule("bad-model", "bad-operation", "bad-unlock")
def test_bad_arguments(student):
    assert student.error("simulate", [[("cpu", 1)]], "green").is_a(ValueError), "there is no model 'green': ValueError"
    assert student.error("simulate", [[("sleep", 1)]], "user").is_a(ValueError), (
        "there is no operation 'sleep': ValueError"
    )
    assert student.error("simulate", [[("unlock", "m")]], "user").is_a(ValueError), (
        "the thread unlocks 'm', which it does not hold: ValueError"
    )
    fine = student.simulate([[("lock", "m"), ("cpu", 1), ("unlock", "m")]], "user")
    assert isinstance(fine, Record), f"nothing is wrong with this one, and simulate returned {fine!r}"
