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
def play(student):
    """Simulates a worked example."""

    def play(example):
        threads = [[tuple(operation) for operation in thread] for thread in example["threads"]]
        options = {name: example[name] for name in OPTIONS if name in example}
        result = student.simulate(threads, example["model"], **options)
        assert isinstance(result, Record), f"simulate returned {result!r}, not a Result"
        return result

    return play


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
            f"{first_difference(value, expected[figure]) if figure == 'gantt' else ''}"
        )


def first_difference(charts, expected):
    """The tick at which two charts part."""
    if type(charts) is not list or [type(chart) for chart in charts] != [str] * len(expected):
        return ": one string for each CPU"
    columns = [list(zip(*(chart.ljust(1000) for chart in lines), strict=True)) for lines in (charts, expected)]
    tick = next((tick for tick, (one, other) in enumerate(zip(*columns, strict=True)) if one != other), None)
    return "" if tick is None else f": they differ from tick {tick} on"


@rule("cpu-operation", "zero-time", "makespan", "gantt")
def test_one_thread_alone(student):
    result = student.simulate([[("cpu", 3), ("lock", "m"), ("io", 2), ("unlock", "m"), ("yield",), ("cpu", 1)]], "user")
    assert isinstance(result, Record), f"simulate returned {result!r}, not a Result"
    assert result.gantt == ["AAA..A"], (
        f"three ticks of computing, a call of two, one more tick: gantt is {result.gantt!r}"
    )
    assert result.makespan == 6, f"the only thread completes at 6, and makespan is {result.makespan!r}"
    assert result.completion == [6], f"the only thread completes at 6, and completion is {result.completion!r}"


@rule("one-lwp-in-user", "user-call-blocks-all", "user-level-lock", "timer-in-user")
def test_worked_examples_of_user(play):
    for example in examples("user"):
        check(play(example), example)


@rule("one-lwp-a-thread-in-kernel", "kernel-call-blocks-one", "kernel-lock", "timer-in-kernel")
def test_worked_examples_of_kernel(play):
    for example in examples("kernel"):
        check(play(example), example)


@rule("lwps-in-hybrid", "hybrid-call-blocks-lwp", "user-level-lock", "timer-in-hybrid")
def test_worked_examples_of_hybrid(play):
    for example in examples("hybrid"):
        check(play(example), example)


@rule("lwps-in-activations", "activations-call", "activations-lock", "timer-in-activations")
def test_worked_examples_of_activations(play):
    for example in examples("activations"):
        check(play(example), example)


@rule("thread-account", "cpu-account")
def test_accounts_of_the_worked_examples_balance(play):
    """For each thread, the time it ran and the time it waited make up its life; for all CPUs, busy,
    overhead and idle ticks make up cpus x makespan."""
    for example in examples("user", "kernel", "hybrid"):
        result = play(example)
        if result.deadlock is not None:
            continue
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
