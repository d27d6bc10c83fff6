"""The hidden tests of `threading_models`. Only the message of an `assert` is shown to a student.

Each test turns one or two rules over with charts small enough to be followed by hand, and looks
at the figures which those rules decide and at no others, so that a submission with one fault fails few
tests. The rules leave one thing open: whether an idle CPU that finds an LWP to park has had
its turn in that pass. No test depends on it.
"""

from __future__ import annotations

import random

import pytest

from grader.testing import Record, rule

COUNTS = ["makespan", "user_switches", "kernel_switches", "mode_switches", "overhead"]
FIGURES = ["deadlock", *COUNTS, "completion", "ready", "io", "lock", "gantt"]
LISTS = {"completion", "ready", "io", "lock", "gantt"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHOWN = {"*": "a switch", ".": "an idle CPU"}

MIXED = [
    # model, options, threads, Gantt chart, figures
    ("user", {"cpus": 3, "user_switch": 1, "quantum": 3},
        ["cpu 1, cpu 1, lock m, yield, lock n, io 1, unlock n, unlock m, cpu 2",
         "cpu 3, lock m, lock n, yield, cpu 1, unlock n, unlock m",
         "cpu 2, cpu 3, lock n, unlock n, cpu 1", "cpu 3, cpu 1, cpu 3, io 2, cpu 1", "io 4, lock m, unlock m, cpu 1"],
        ["AA*BBB*CCCCCC*DDDDDDD..D*....*.AA*B*E", "." * 37, "." * 37],
        {"makespan": 37, "completion": [33, 35, 13, 24, 37], "ready": [27, 4, 6, 13, 24], "io": [1, 0, 0, 2, 4],
         "lock": [0, 25, 0, 0, 6], "user_switches": 7, "kernel_switches": 0, "mode_switches": 6, "overhead": 7}),
    ("user", {"cpus": 1, "user_switch": 1, "kernel_switch": 1, "quantum": 3},
        ["cpu 3, io 4, cpu 3, lock n, unlock n, cpu 1", "lock n, unlock n, lock n, cpu 2, unlock n, cpu 1",
         "cpu 1, lock n, io 3, yield, unlock n, cpu 2", "cpu 2, lock m, lock n, unlock n, unlock m, cpu 1"],
        ["AAA....AAAA*BBB*C...*DD*CC*D"],
        {"makespan": 28, "completion": [11, 15, 26, 28], "ready": [0, 11, 18, 22], "io": [4, 0, 3, 0],
         "lock": [0, 0, 0, 1], "user_switches": 5, "kernel_switches": 0, "mode_switches": 4, "overhead": 5}),
    ("kernel", {"cpus": 3, "user_switch": 2, "kernel_switch": 1, "quantum": 3},
        ["cpu 3, cpu 3, cpu 1, lock m, lock n, io 4, unlock n, unlock m, cpu 2",
         "cpu 1, lock n, cpu 4, io 2, unlock n, cpu 2", "cpu 1, lock m, lock n, unlock n, unlock m"],
        ["AAAAAAA*BB....*AA", "BBBBB...**.......", "C................"],
        {"makespan": 17, "completion": [17, 10, 9], "ready": [0, 0, 0], "io": [4, 2, 0], "lock": [2, 0, 7],
         "user_switches": 0, "kernel_switches": 4, "mode_switches": 8, "overhead": 4}),
    ("kernel", {"cpus": 2, "user_switch": 2, "kernel_switch": 2, "quantum": 2},
        ["cpu 3, lock m, yield, unlock m, cpu 2", "cpu 2, cpu 4",
         "cpu 2, io 3, lock m, lock n, unlock n, unlock m, cpu 1", "lock n, io 1, unlock n, cpu 3, cpu 2, cpu 4",
         "cpu 1, cpu 1, cpu 3, lock m, yield, cpu 1, cpu 1, unlock m, cpu 2"],
        ["AA**CC**A**DD****AA**DD**C**EEEE", "BB****EE**BB**EE**BB**E**DDDDD.."],
        {"makespan": 32, "completion": [19, 20, 26, 30, 32], "ready": [10, 10, 12, 12, 13], "io": [0, 0, 3, 1, 0],
         "lock": [0, 0, 2, 0, 2], "user_switches": 0, "kernel_switches": 15, "mode_switches": 24, "overhead": 30}),
    ("hybrid", {"cpus": 2, "lwps": 3, "kernel_switch": 2, "quantum": 3},
        ["cpu 3, lock m, io 1, unlock m, cpu 1", "cpu 2, lock m, cpu 4, cpu 4, unlock m, cpu 2",
         "io 1, io 2, lock n, unlock n, cpu 1",
         "cpu 3, io 1, lock m, cpu 2, cpu 1, lock n, io 1, unlock n, unlock m, cpu 2",
         "cpu 3, lock m, unlock m, io 2, io 3, cpu 3"],
        ["AAA**DDD**BBB**C..ADDD.DD**...EEE", "BBBBBB**.**EEE**BBB.............."],
        {"makespan": 33, "completion": [19, 19, 16, 25, 33], "ready": [0, 3, 8, 4, 11], "io": [1, 0, 3, 2, 5],
         "lock": [14, 0, 0, 7, 9], "user_switches": 5, "kernel_switches": 7, "mode_switches": 20, "overhead": 14}),
    ("hybrid", {"cpus": 2, "lwps": 2, "user_switch": 1},
        ["cpu 2, cpu 3, io 3, lock n, cpu 3, yield, unlock n, cpu 1",
         "cpu 1, cpu 4, lock n, cpu 4, io 4, io 4, unlock n, cpu 2",
         "cpu 1, lock m, unlock m, lock n, io 1, cpu 3, cpu 1, unlock n, cpu 2",
         "cpu 3, io 1, io 1, io 2, cpu 1, io 3, cpu 1"],
        ["AAAAA...*C*DDD...BB*AAAA.CCCCCC", "BBBBBBBBB.........D...D*......."],
        {"makespan": 31, "completion": [24, 19, 31, 23], "ready": [2, 0, 8, 10], "io": [3, 8, 1, 7],
         "lock": [9, 0, 13, 0], "user_switches": 4, "kernel_switches": 3, "mode_switches": 16, "overhead": 4}),
    ("hybrid", {"cpus": 3, "lwps": 2, "user_switch": 1, "kernel_switch": 3, "quantum": 2},
        ["lock n, cpu 4, yield, unlock n, cpu 2", "cpu 4, io 1, lock m, lock n, unlock n, io 1, unlock m, cpu 1",
         "cpu 1, yield, cpu 1, lock n, unlock n, cpu 1", "cpu 1, yield, yield, lock n, io 1, io 3, unlock n, cpu 1",
         "cpu 1, yield, cpu 4, io 3, cpu 3, cpu 1"],
        ["AAAA*****D*AA**EEEE..***...D.", "BBBB.***C*E*C*.B**C*..***EEEE", "." * 29],
        {"makespan": 29, "completion": [13, 16, 19, 28, 29], "ready": [6, 2, 9, 14, 12], "io": [0, 2, 0, 4, 3],
         "lock": [0, 3, 1, 1, 0], "user_switches": 11, "kernel_switches": 4, "mode_switches": 14, "overhead": 23}),
    ("activations", {"cpus": 2, "lwps": 3, "user_switch": 1, "quantum": 2},
        ["lock n, cpu 3, cpu 3, cpu 2, io 4, unlock n", "cpu 1, lock n, unlock n, cpu 1, lock n, cpu 1, unlock n",
         "cpu 2, yield, yield, io 4, lock m, io 1, lock n, unlock n, unlock m, cpu 1", "cpu 1, yield, io 2, cpu 2",
         "cpu 1, cpu 1, lock n, cpu 3, unlock n, cpu 2"],
        ["AAD*EC*AADD*...*B...*CE", "B*CAAE*..AA.....*EEEE*B"],
        {"makespan": 23, "completion": [15, 23, 22, 11, 23], "ready": [3, 0, 3, 5, 4], "io": [4, 0, 5, 2, 0],
         "lock": [0, 18, 7, 0, 10], "user_switches": 9, "kernel_switches": 11, "mode_switches": 20, "overhead": 9}),
    ("activations", {"cpus": 2, "lwps": 3, "user_switch": 2, "kernel_switch": 1, "quantum": 3},
        ["cpu 2, io 2, lock m, lock n, cpu 3, cpu 1, io 2, unlock n, unlock m, cpu 2",
         "cpu 3, lock m, cpu 1, cpu 2, cpu 1, cpu 2, io 3, unlock m, cpu 2", "lock n, cpu 3, cpu 4, unlock n, io 2",
         "cpu 2, lock n, cpu 3, unlock n"],
        ["AA*CCC*BBBBBB***DDD**AAAA..AA", "BBB*DD***CCCC...*BB.........."],
        {"makespan": 29, "completion": [29, 19, 15, 19], "ready": [4, 3, 4, 3], "io": [4, 3, 2, 0],
         "lock": [9, 0, 0, 7], "user_switches": 3, "kernel_switches": 6, "mode_switches": 12, "overhead": 12}),
    ("activations", {"cpus": 2, "lwps": 2, "user_switch": 1, "kernel_switch": 3, "quantum": 2},
        ["cpu 1, cpu 1, yield, lock n, io 3, yield, unlock n, cpu 1", "cpu 2, cpu 2, cpu 4, io 2, cpu 2",
         "cpu 1, lock m, cpu 3, io 4, lock n, cpu 1, unlock n, unlock m, cpu 2",
         "cpu 3, cpu 1, lock n, cpu 1, cpu 4, unlock n", "cpu 1, cpu 3, lock m, unlock m, cpu 1"],
        ["AA*CCCC***DDDDDDDDD*...****A....*E", "BBBBBBBB***EEEE**BB*.......****CCC"],
        {"makespan": 34, "completion": [28, 19, 34, 19, 34], "ready": [13, 6, 10, 7, 8], "io": [3, 2, 4, 0, 0],
         "lock": [3, 0, 7, 0, 17], "user_switches": 8, "kernel_switches": 4, "mode_switches": 6, "overhead": 20}),
]  # fmt: skip


def program(text):
    """The operations of a thread, written as "cpu 2, lock m, yield"."""
    operations = []
    for words in (part.split() for part in text.split(",") if part.strip()):
        number = words[0] in ("cpu", "io")
        operations.append((words[0], *(int(word) if number else word for word in words[1:])))
    return operations


class Run:
    """What a simulation gave. A missing or ill-shaped figure fails the test here, once for all."""

    def __init__(self, result, about, threads, cpus):
        assert isinstance(result, Record), "simulate did not return a Result"
        self.about = about
        self.figures = {name: getattr(result, name) for name in FIGURES}
        for name, value in self.figures.items():
            if name not in LISTS:
                whole = type(value) is int or (name == "deadlock" and value is None)
                assert whole, f"{about}: `{name}` is not a whole number"
                continue
            length, what = (cpus, "CPU") if name == "gantt" else (threads, "thread")
            good = type(value) is list and len(value) == length
            assert good, f"{about}: `{name}` is not a list with one item for each {what}"
            kinds = {"gantt": {str}, "completion": {int, type(None)}}.get(name, {int})
            assert {type(item) for item in value} <= kinds, f"{about}: `{name}` holds items of a wrong type"

    def __getattr__(self, name):
        return self.figures[name]

    def shows(self, *gantt, **figures):
        """Compares the Gantt chart, if one is given, and the figures named."""
        difference = self.first_difference(list(gantt)) if gantt else None
        assert difference is None, f"{self.about}: {difference}"
        wrong = [f"`{name}`" for name, value in figures.items() if self.figures[name] != value]
        assert not wrong, (
            f"{self.about}: {'the Gantt chart is right, but ' if gantt else ''}{' and '.join(wrong)} "
            f"{'are' if len(wrong) > 1 else 'is'} not"
        )

    def first_difference(self, expected):
        """Where the chart parts from the expected one: the first tick, then the first CPU."""
        for tick in range(max(map(len, self.gantt + expected), default=0)):
            for cpu, (chart, wanted) in enumerate(zip(self.gantt, expected, strict=True)):
                if chart[tick : tick + 1] == wanted[tick : tick + 1]:
                    continue
                seen = chart[tick : tick + 1]
                shown = SHOWN.get(seen, f"thread {seen}") if seen else "its end"
                return f"the Gantt chart differs first at tick {tick}, where yours shows {shown} on CPU {cpu}"
        return None


@pytest.fixture
def run(student):
    """run(about, model, program, ..., option=...): simulates threads, gives a Run."""

    def run(about, model, *programs, **options):
        threads = [program(text) if isinstance(text, str) else text for text in programs]
        result = student.simulate(threads, model, **options)
        return Run(result, f"{about}, in `{model}`", len(threads), options.get("cpus", 1))

    return run


def random_threads(rng, count, locks=True, yields=True):
    """Threads that never come to a deadlock: locks are taken one inside the other, always in the same order."""
    threads = []
    for _ in range(count):
        operations = []
        held = []
        for _ in range(rng.randint(1, 6)):
            free = [name for name in "mn" if not held or name > held[-1]]
            kind = rng.choice(["cpu", "cpu", "io", "lock", "unlock", "yield"])
            if kind == "lock" and locks and free:
                held.append(rng.choice(free))
                operations.append(("lock", held[-1]))
            elif kind == "unlock" and held:
                operations.append(("unlock", held.pop()))
            elif kind == "yield" and yields:
                operations.append(("yield",))
            else:
                operations.append((rng.choice(["cpu", "io"]), rng.randint(1, 5)))
        operations += [("unlock", held.pop()) for _ in list(held)]
        threads.append(operations)
    return threads


def random_options(rng):
    return {
        "cpus": rng.randint(1, 3),
        "lwps": rng.randint(1, 4),
        "user_switch": rng.randint(0, 2),
        "kernel_switch": rng.randint(0, 3),
        "quantum": rng.choice([None, 1, 2, 3]),
    }


def ticks(operations, *kinds):
    return sum(operation[1] for operation in operations if operation[0] in kinds)


def check_accounts(result, threads, options):
    """Both accounts, and what else the figures must say of each other."""
    about = result.about
    assert result.deadlock is None, f"{about}: a deadlock is reported, and there is none"
    assert {len(chart) for chart in result.gantt} == {result.makespan}, (
        f"{about}: a CPU's line in the Gantt chart has not one character for each tick of the makespan"
    )
    chart = "".join(result.gantt)
    assert None not in result.completion, f"{about}: `completion` is None for a thread that completed"
    assert result.makespan == max(result.completion), f"{about}: `makespan` is not when the last thread completed"
    switch_ins = 0
    for number, thread in enumerate(threads):
        computed = ticks(thread, "cpu")
        assert chart.count(LETTERS[number]) == computed, (
            f"{about}: the Gantt chart has not a thread's letter for each tick it computes"
        )
        assert result.io[number] == ticks(thread, "io"), f"{about}: `io` is not the time of a thread's calls"
        waited = result.ready[number] + result.io[number] + result.lock[number]
        switching = result.completion[number] - waited - computed
        assert switching >= 0, f"{about}: a thread completed before the time it waited and computed was over"
        switch_ins += switching
    assert chart.count("*") == result.overhead, f"{about}: the Gantt chart has not one `*` for each tick of `overhead`"
    assert switch_ins == result.overhead, (
        f"{about}: the threads' time running, ready, in calls and waiting for locks does not add up to their completion"
        " (a thread's switch-in is part of the time it runs)"
    )
    cost = result.user_switches * options["user_switch"] + result.kernel_switches * options["kernel_switch"]
    assert cost == result.overhead, f"{about}: the switches counted do not cost what `overhead` says"


# The start, single operations, the result


@rule("result")
def test_result_has_every_figure(student, run):
    result = student.simulate([[("cpu", 1)]], "kernel")
    assert getattr(result, "type_name", None) == "Result", "simulate did not return a Result"
    for model in ("user", "kernel", "hybrid"):
        run("two short threads", model, "cpu 1, io 1, cpu 1", "cpu 1").shows(deadlock=None)


@rule("user-queue", "ready-queue", "ready-queue-at-start", "completion", "makespan", "sequence")
def test_threads_begin_in_order(run):
    for model in ("user", "kernel", "hybrid"):
        run("three computations on one CPU", model, "cpu 2", "cpu 1", "cpu 3").shows(
            "AABCCC", completion=[2, 3, 6], makespan=6, ready=[0, 2, 3]
        )
    # LWPs hold no thread until a CPU runs them: both other threads are still in U when A yields.
    run("two LWPs and one CPU at the start", "hybrid", "cpu 1, yield, cpu 1", "cpu 1", "cpu 1", lwps=2).shows(
        "ABCA", kernel_switches=0, user_switches=3
    )
    # There are no more LWPs than threads: the timer finds nobody in R.
    run("one thread and two LWPs", "hybrid", "cpu 4", lwps=2, quantum=2).shows("AAAA", mode_switches=0)
    threads = ((("cpu", 1),), (("io", 2), ("cpu", 1)))
    run("threads given as tuples", "kernel", *threads).shows("A..B", completion=[1, 4])


@rule("empty-thread", "complete", "lwp-after-completion")
def test_threads_without_operations(run):
    about = "a thread that was given no operations"
    run(about, "user", "", "cpu 2").shows("BB", completion=[0, 2], user_switches=1)
    run(about, "kernel", "cpu 3", "").shows("AAA", completion=[3, 3], ready=[0, 3])
    run(about, "hybrid", "cpu 1", "", "cpu 1", lwps=2).shows("AC", completion=[1, 1, 2])
    run("no thread with an operation", "hybrid", "", "", cpus=2).shows("", "", completion=[0, 0], makespan=0)
    run("no threads at all", "kernel", cpus=2).shows("", "", completion=[], makespan=0, deadlock=None)


@rule("zero-time", "cpu-operation", "lock-free")
def test_operations_that_take_no_time(run):
    for model in ("user", "kernel", "hybrid"):
        alone = "cpu 1, lock m, unlock m, lock m, yield, cpu 1, unlock m"
        run("locks that nobody else wants and a yield to nobody", model, alone).shows("AA", makespan=2, mode_switches=0)
    # C is taken at 1, but locks only when its switch is over, at 3: B has had the lock since 2.
    threads = ["cpu 1", "cpu 2, lock m, cpu 2, unlock m", "lock m, cpu 1, unlock m"]
    run("a lock right behind a switch", "kernel", *threads, cpus=2, kernel_switch=2).shows(
        "A**.C", "BBBB.", lock=[0, 0, 1]
    )


@rule("letters", "gantt")
def test_letters_of_the_gantt_chart(run):
    run("55 threads", "kernel", *["cpu 1"] * 55).shows(LETTERS + "???")
    run("30 threads", "user", *["cpu 1"] * 30).shows(LETTERS[:30])


@rule("thread-account", "cpu-account", "gantt")
def test_accounts_balance(run):
    rng = random.Random(7)
    for number in range(90):
        threads = random_threads(rng, rng.randint(1, 6))
        options = random_options(rng)
        result = run("a mixed load", ("user", "kernel", "hybrid")[number % 3], *threads, **options)
        check_accounts(result, threads, options)


@rule("no-module-state", "same-result")
def test_calls_are_independent_of_each_other(student, run):
    threads = ["lock m, cpu 2, io 2, unlock m", "cpu 1, lock m, cpu 1, unlock m", "cpu 2, yield, cpu 1"]
    stuck = ["lock m, cpu 1", "cpu 2, lock m, cpu 1"]
    for model in ("user", "kernel", "hybrid"):
        first = run("a load", model, *threads, cpus=2, lwps=2, quantum=2)
        run("threads that leave a lock behind", model, *stuck)
        student.error("simulate", [program("lock m, cpu 1, unlock n")], model)
        again = run("a load", model, *threads, cpus=2, lwps=2, quantum=2)
        assert first.figures == again.figures, (
            f"in `{model}` the same input gave another result after other calls had been made"
        )


@rule("worked-examples")
def test_mixed_loads(run):
    """Everything at once, each figure compared."""
    for model, options, threads, gantt, figures in MIXED:
        if model != "activations":
            run("a mixed load", model, *threads, **options).shows(*gantt, **figures)


# Switch costs


@rule("kernel-switch", "first-lwp-free", "overhead")
def test_kernel_switches(run):
    run("another LWP on the same CPU", "kernel", "cpu 2", "cpu 1", kernel_switch=2).shows(
        "AA**B", kernel_switches=1, user_switches=0, overhead=2, completion=[2, 5]
    )
    run("the first LWP of each CPU", "kernel", "cpu 2", "cpu 2", cpus=2, kernel_switch=3).shows(
        "AA", "BB", kernel_switches=0, overhead=0
    )
    run("an LWP that comes back to its CPU", "kernel", "cpu 1, io 3, cpu 1", kernel_switch=2).shows(
        "A...A", kernel_switches=0, overhead=0
    )
    threads = ["cpu 3, io 5", "cpu 1, io 3, cpu 1", "cpu 5"]
    run("an LWP that moves to another CPU", "kernel", *threads, cpus=2, kernel_switch=1).shows(
        "AAA.*B..*", "B*CCCCC..", kernel_switches=3
    )
    run("switches without cost", "kernel", "cpu 1", "cpu 1").shows("AB", kernel_switches=1, overhead=0)


@rule("user-switch", "first-thread-free", "overhead")
def test_user_switches(run):
    run("another thread on the same LWP", "user", "cpu 2", "cpu 1", user_switch=2, kernel_switch=5).shows(
        "AA**B", user_switches=1, kernel_switches=0, overhead=2
    )
    run("the first thread of each LWP", "hybrid", "cpu 2", "cpu 2", cpus=2, lwps=2, user_switch=3).shows(
        "AA", "BB", user_switches=0, overhead=0
    )
    threads = ["cpu 1, lock m, cpu 1, unlock m", "lock m, cpu 3, unlock m, cpu 2"]
    run("an LWP that takes its last thread again", "hybrid", *threads, cpus=2, lwps=2, user_switch=2).shows(
        "A..A.", "BBBBB", user_switches=0, overhead=0
    )
    run("LWPs with one thread each", "kernel", "cpu 1", "cpu 1", user_switch=2).shows("AB", user_switches=0)


@rule("taken-is-last", "costs-add")
def test_what_was_taken_last_and_what_it_costs(run):
    # B's LWP is the last one of its CPU although it has blocked without computing.
    run("a thread that blocks as soon as it is taken", "kernel", "cpu 2", "io 3, cpu 1", kernel_switch=1).shows(
        "AA*...B", kernel_switches=1
    )
    run(
        "a thread that yields as soon as it is taken", "user", "cpu 1, yield, cpu 1", "yield, cpu 1", user_switch=1
    ).shows("A**A*B", user_switches=3)
    # At 7 the CPU takes the other LWP (2 ticks), which takes B after C (1 tick).
    threads = ["lock m, cpu 1, io 4, unlock m, io 3", "lock m, cpu 1, unlock m", "cpu 1"]
    run("another LWP that takes another thread", "hybrid", *threads, lwps=2, user_switch=1, kernel_switch=2).shows(
        "A***C*****B**", user_switches=2, kernel_switches=4, overhead=10
    )


# The order at one instant


@rule("calls-first")
def test_calls_that_complete_come_first(run):
    run(
        "a call that completes when another thread yields", "kernel", "cpu 2, yield, cpu 1", "io 2, cpu 1", cpus=2
    ).shows("AAB", "..A", mode_switches=4)
    run("two calls that complete together", "kernel", "cpu 1, io 2, cpu 1", "io 3, cpu 1", cpus=2).shows("A..A", "...B")
    # A has yielded to B, so B is on the first LWP and A on the second.
    threads = ["yield, io 4, cpu 1", "io 4, cpu 1"]
    run("two calls that complete together", "hybrid", *threads, cpus=2, lwps=2).shows("....A", "....B")


@rule("operations-by-cpu", "quantum-used-up")
def test_operations_go_by_cpu_number(run):
    threads = ["cpu 1", "cpu 3, lock m, cpu 2, unlock m", "cpu 2, lock m, cpu 2, unlock m"]
    run("two CPUs that reach the same lock together", "kernel", *threads, cpus=2).shows(
        "ACCCCBB", "BBB....", lock=[0, 2, 0]
    )
    # Operations run on all CPUs before quanta are looked at: B's unlock puts C into R, so A has to go.
    threads = ["cpu 4", "lock m, cpu 2, unlock m, cpu 1", "lock m, cpu 2"]
    run("an unlock on one CPU when the quantum of another is used up", "kernel", *threads, cpus=3, quantum=2).shows(
        "AACC", "BBAA", "..B.", mode_switches=6
    )


@rule("timer-in-kernel", "quantum-used-up", "quantum-anew")
def test_timer(run):
    run("two computations in turn", "kernel", "cpu 4", "cpu 3", quantum=2).shows("AABBAAB", mode_switches=4)
    run("a call when the quantum is used up", "kernel", "cpu 2, io 1, cpu 1", "cpu 4", quantum=2).shows(
        "AABBABB", mode_switches=4
    )
    # B's quantum is used up at 2, with nobody ready, and then at 4.
    run("a quantum that begins anew", "kernel", "io 3, cpu 2", "cpu 7", quantum=2).shows("BBBBAABBB", mode_switches=4)


@rule("quantum-counts-computing")
def test_what_the_quantum_counts(run):
    run("switches beside a timer", "kernel", "cpu 4", "cpu 4", quantum=2, kernel_switch=1).shows("AA*BB*AA*BB")
    # The LWP took B at 2, but the CPU took the LWP at 0.
    run(
        "an LWP that takes another thread in its quantum", "hybrid", "cpu 2", "cpu 4", "cpu 2", lwps=2, quantum=3
    ).shows("AABCCBBB", mode_switches=2)


@rule("timer-in-hybrid", "timer-in-user", "quantum-used-up", "idle-lwp-parks")
def test_timer_and_lwps(run):
    # C gets an LWP only when another thread is complete: A and B have stayed on theirs.
    run("threads that stay on their LWPs", "hybrid", "cpu 4", "cpu 4", "cpu 1", lwps=2, quantum=2).shows(
        "AABBAABBC", user_switches=1, mode_switches=6
    )
    run("an LWP without a thread in R when a quantum is used up", "hybrid", "cpu 1", "cpu 4", lwps=2, quantum=2).shows(
        "ABBBB", mode_switches=2, kernel_switches=0
    )
    run("a timer", "user", "cpu 4", "cpu 4", quantum=2).shows("AAAABBBB", mode_switches=0)


@rule("idle-cpus", "idle-cpus-again")
def test_idle_cpus(run):
    run("CPUs that become idle one after the other", "kernel", "cpu 2", "cpu 4", "cpu 3", "cpu 1", cpus=2).shows(
        "AACCC", "BBBBD"
    )
    run("a thread that blocks as soon as it is taken", "kernel", "io 2, cpu 1", "cpu 2").shows("BBA", makespan=3)
    threads = ["cpu 3, lock m, io 1, unlock m, cpu 2", "cpu 3, lock m, cpu 2, unlock m"]
    run("a thread that unlocks as soon as it is taken", "kernel", *threads, cpus=2).shows(
        "AAA.AA", "BBB.BB", lock=[0, 1]
    )


# Yields and wake-ups


@rule("yield-in-kernel", "yield-at-user-level", "yield-alone")
def test_yield(run):
    run("one yield with a ready LWP and one without", "kernel", "cpu 1, yield, cpu 1, yield, cpu 1", "cpu 1").shows(
        "ABAA", mode_switches=2, kernel_switches=2
    )
    run("yields in turn", "user", "cpu 1, yield, cpu 1", "cpu 1, yield, cpu 1", "cpu 1").shows(
        "ABCAB", user_switches=4, mode_switches=0
    )
    run("a yield when no thread waits for an LWP", "hybrid", "cpu 1, yield, cpu 1", "cpu 3", lwps=2, cpus=2).shows(
        "AA.", "BBB", user_switches=0, mode_switches=0
    )
    threads = ["cpu 1, yield, cpu 2", "cpu 3", "cpu 1"]
    run("a yield when a thread waits for an LWP", "hybrid", *threads, lwps=2, cpus=2).shows(
        "ACAA", "BBB.", user_switches=2, mode_switches=0
    )


@rule("wake-up", "park")
def test_unlock_wakes_a_parked_lwp(run):
    threads = ["cpu 2, lock m, cpu 1, unlock m", "lock m, cpu 3, unlock m, cpu 2"]
    run("an unlock while an LWP is parked", "hybrid", *threads, cpus=2, lwps=2).shows(
        "AA.A.", "BBBBB", mode_switches=0, user_switches=0, kernel_switches=0
    )
    # LWP 1 parks at 1, LWP 0 at 2, or both at 1 with LWP 0 first: LWP 0 is woken each time.
    waiter, owner = "cpu 1, lock m, cpu 2, unlock m", "lock m, cpu 3, unlock m, cpu 2"
    run("an unlock while two LWPs are parked", "hybrid", "cpu 2", waiter, owner, cpus=3, lwps=3, user_switch=2).shows(
        "AA.**BB", "B......", "CCCCC..", user_switches=1
    )
    run("an unlock while two LWPs are parked", "hybrid", "cpu 1", waiter, owner, cpus=3, lwps=3, user_switch=2).shows(
        "A..**BB", "B......", "CCCCC..", user_switches=1
    )


@rule("wake-up-each", "yield-wakes-nobody")
def test_who_is_woken_and_when(run):
    # At 1 A unlocks, which wakes LWP 1 for B, and completes, so that LWP 0 takes B: LWP 1 is in R for nothing, until
    # the timer of LWP 0 finds it there at 3.
    threads = ["lock m, io 1, unlock m", "lock m, cpu 4, unlock m"]
    run("a thread that unlocks and completes", "hybrid", *threads, lwps=2, quantum=2).shows(
        ".BBBB", mode_switches=4, kernel_switches=2, user_switches=1
    )
    threads = ["lock m, cpu 2, cpu 1, unlock m", "lock m, unlock m", "cpu 2, cpu 3, cpu 1"]
    run("an unlock while an LWP in R holds a thread", "hybrid", *threads, lwps=3, quantum=2).shows(
        "AACCACCCC", mode_switches=6
    )
    # At 1 A unlocks (LWP 2 is woken for B) and yields to B: LWP 3 stays parked, or the timer would find it at 3.
    threads = ["lock m, io 1, unlock m, yield, cpu 3", "lock m, cpu 3, unlock m", "", "cpu 2, io 5, cpu 1"]
    run("a thread that unlocks and yields", "hybrid", *threads, cpus=2, lwps=4, quantum=2).shows(mode_switches=4)


# What blocks what


@rule("user-call-blocks-all", "call-completes")
def test_a_call_in_user_blocks_every_thread(run):
    run("a call beside two other threads", "user", "cpu 1, io 3, cpu 1", "cpu 2", "cpu 1").shows(
        "A...ABBC", completion=[5, 7, 8], io=[3, 0, 0], ready=[0, 5, 7]
    )
    run("two CPUs and a call", "user", "io 2, cpu 1", "cpu 2", cpus=2).shows("..ABB", ".....", kernel_switches=0)


@rule("kernel-call-blocks-one", "call-completes", "call-over")
def test_a_call_in_kernel_blocks_its_own_thread_only(run):
    run("a call beside two other threads", "kernel", "cpu 1, io 3, cpu 1", "cpu 2", "cpu 1").shows(
        "ABBCA", completion=[5, 3, 4], io=[3, 0, 0], ready=[0, 1, 3]
    )
    run("a call that completes while others are ready", "kernel", "cpu 1, io 1, cpu 1", "cpu 2", "cpu 1").shows(
        "ABBCA", ready=[2, 1, 3]
    )


@rule("hybrid-call-blocks-lwp", "call-over", "lwps-in-hybrid")
def test_a_call_in_hybrid_blocks_its_lwp(run):
    run("two LWPs with one call", "hybrid", "cpu 1, io 4, cpu 1", "cpu 2", "cpu 2", lwps=2).shows(
        "ABBCCA", io=[4, 0, 0], ready=[0, 1, 3]
    )
    # No LWP is left for C. A comes back on its own LWP, without waiting in U.
    run("two LWPs with two calls", "hybrid", "cpu 1, io 4, cpu 1", "cpu 1, io 4, cpu 1", "cpu 2", lwps=2).shows(
        "AB...ACCB", ready=[0, 3, 6], user_switches=1, kernel_switches=3
    )


@rule("user-level-lock", "lock-lwp-goes-on", "unlock-ready")
def test_a_contended_lock_at_user_level_frees_the_lwp(run):
    threads = ["lock m, cpu 1, yield, cpu 2, unlock m", "lock m, cpu 1, unlock m", "cpu 1"]
    run("a lock held across a yield", "user", *threads).shows(
        "ACAAB", lock=[0, 3, 0], ready=[1, 1, 1], mode_switches=0, user_switches=4
    )
    threads = ["lock m, cpu 1, yield, unlock m, cpu 1", "lock m, cpu 1", "cpu 1, yield, cpu 1"]
    run("an unlock while another thread waits for an LWP", "user", *threads).shows("ACACB", lock=[0, 1, 0])
    threads = ["lock m, cpu 2, io 3, unlock m", "cpu 1, lock m, cpu 1, unlock m", "cpu 2"]
    run("a lock held across a call", "hybrid", *threads, cpus=2, lwps=2).shows(
        "AA...B", "BCC...", lock=[0, 4, 0], mode_switches=2, user_switches=2
    )


@rule("kernel-lock", "unlock-ready")
def test_a_contended_lock_in_kernel_blocks_the_lwp(run):
    threads = ["lock m, cpu 1, io 5, unlock m", "lock m, cpu 1, unlock m"]
    run("a lock held across a call", "kernel", *threads, kernel_switch=1).shows(
        "A*....**B", lock=[0, 5], mode_switches=4, kernel_switches=3
    )
    threads = ["lock m, cpu 2, unlock m, cpu 1", "lock m, cpu 1", "cpu 2"]
    run("an unlock while another LWP is ready", "kernel", *threads, quantum=1).shows("ACACBA", mode_switches=8)


@rule("unlock-hands-over", "no-overtaking", "lock-held")
def test_a_lock_goes_to_its_first_waiter(run):
    again = ["lock m, cpu 2, unlock m, lock m, cpu 1, unlock m", "lock m, cpu 2, unlock m"]
    run("a thread that locks again at once", "kernel", *again, cpus=2).shows("AABBA", ".....", lock=[2, 2])
    again = ["lock m, cpu 1, yield, unlock m, lock m, cpu 1, unlock m", "lock m, cpu 2, unlock m"]
    run("a thread that locks again at once", "user", *again).shows("ABBA", lock=[2, 0])
    queue = ["lock m, cpu 4, unlock m, cpu 1"]
    queue += [f"cpu {n}, lock m, cpu 1, unlock m" for n in (2, 1, 3)]
    run("three threads that wait for one lock", "kernel", *queue, cpus=4).shows(
        lock=[0, 3, 3, 3], completion=[5, 6, 5, 7]
    )
    run("three threads that wait for one lock", "hybrid", *queue, cpus=4, lwps=4).shows(
        lock=[0, 3, 3, 3], completion=[5, 6, 5, 7]
    )


@rule("call-mode-switches", "kernel-lock", "user-level-lock")
def test_mode_switches(run):
    for model in ("user", "kernel", "hybrid"):
        run("three calls", model, "io 1, io 1", "cpu 1, io 2").shows(mode_switches=6)
    threads = ["lock m, cpu 2, unlock m", "cpu 1, lock m, cpu 1, unlock m"]
    run("a lock that another thread holds", "kernel", *threads, cpus=2).shows(mode_switches=2)
    run("a lock that another thread holds", "hybrid", *threads, cpus=2, lwps=2).shows(mode_switches=0)


@rule("deadlock", "lock-held")
def test_deadlock_is_found(run):
    threads = ["lock a, cpu 2, lock b", "lock b, cpu 1, lock a"]
    run("two threads that each hold what the other wants", "kernel", *threads, cpus=2).shows(deadlock=2)
    run("two threads that each hold what the other wants", "hybrid", *threads, cpus=2, lwps=2).shows(deadlock=2)
    run("a thread that waits for a lock it holds", "user", "lock m, cpu 2, lock m, cpu 1", "cpu 3").shows(deadlock=5)
    run("a lock that is never given back", "kernel", "lock m, cpu 1", "cpu 2, lock m", cpus=2).shows(deadlock=2)
    threads = ["lock m, cpu 1, io 5, unlock m", "lock m, cpu 1, unlock m"]
    run("a lock that is free again when a call completes", "kernel", *threads).shows(
        "A.....B", deadlock=None, completion=[6, 7]
    )


@rule("deadlock-figures", "deadlock")
def test_what_a_deadlock_leaves(run):
    threads = ["lock a, cpu 1, io 3, lock b", "lock b, cpu 2, lock a", "cpu 1"]
    options = {"cpus": 2, "lwps": 2, "kernel_switch": 1, "user_switch": 1}
    result = run("threads of which two wait for each other", "hybrid", *threads, **options)
    result.shows("A...", "BB*C", deadlock=4, completion=[None, None, 4], io=[3, 0, 0], user_switches=1, mode_switches=2)
    result.shows(makespan=4, ready=[0, 0, 2], lock=[0, 2, 0], overhead=1)
    run("a deadlock that comes after the last completion", "user", "cpu 2, lock m", "lock m", user_switch=1).shows(
        "AA*", deadlock=3, makespan=3, completion=[2, None]
    )


# Speed-up: what CPUs and LWPs are worth


@rule("one-lwp-a-thread-in-kernel", "idle-cpus")
def test_kernel_uses_every_cpu(run):
    for cpus, makespan in ((1, 24), (2, 12), (3, 12), (4, 6), (5, 6)):
        run(f"four equal computations on {cpus} CPUs", "kernel", *["cpu 6"] * 4, cpus=cpus).shows(makespan=makespan)
        result = run(f"four equal computations on {cpus} CPUs", "kernel", *["cpu 6"] * 4, cpus=cpus, lwps=2)
        result.shows(makespan=makespan)
    run("ten calls at the same time", "kernel", *["io 5"] * 10).shows(".....", makespan=5, io=[5] * 10)


@rule("one-lwp-in-user", "lwps-in-hybrid")
def test_lwps_bound_the_speedup(run):
    for lwps, makespan in ((1, 24), (2, 12), (4, 6), (6, 6)):
        threads = ["cpu 6"] * 4
        run(f"four equal computations on 4 CPUs and {lwps} LWPs", "hybrid", *threads, cpus=4, lwps=lwps).shows(
            makespan=makespan
        )
        run("four equal computations on 4 CPUs", "user", *threads, cpus=4, lwps=lwps).shows(makespan=24)
    run("four calls on 2 LWPs", "hybrid", *["io 5"] * 4, lwps=2).shows(makespan=10)
    run("two calls, and no word of how many LWPs", "hybrid", "io 5", "io 5").shows(makespan=10)
    run("four calls", "user", *["io 5"] * 4).shows(makespan=20)


@rule("user-equals-hybrid", "one-lwp-in-user", "timer-in-user")
def test_user_equals_hybrid_with_one_lwp(run):
    rng = random.Random(11)
    for _ in range(40):
        threads = random_threads(rng, rng.randint(1, 5))
        options = random_options(rng)
        user = run("a mixed load", "user", *threads, **options)
        hybrid = run("a mixed load", "hybrid", *threads, **options | {"lwps": 1})
        differ = [name for name in FIGURES if user.figures[name] != hybrid.figures[name]]
        assert not differ, f"for the same threads `user` and `hybrid` with one LWP differ in {', '.join(differ)}"
        calm = run("a mixed load", "user", *threads, **options | {"quantum": None})
        assert calm.figures == user.figures, "in `user` the timer has made a difference"


@rule("lower-bounds", "kernel-alone")
def test_bounds_of_the_makespan(run):
    rng = random.Random(13)
    for number in range(60):
        threads = random_threads(rng, rng.randint(1, 6))
        options = random_options(rng)
        result = run("a mixed load", ("user", "kernel", "hybrid")[number % 3], *threads, **options)
        longest = max(ticks(thread, "cpu", "io") for thread in threads)
        computing = sum(ticks(thread, "cpu") for thread in threads)
        assert result.makespan >= longest, f"{result.about}: the makespan is shorter than the longest thread alone"
        assert result.makespan * options["cpus"] >= computing, (
            f"{result.about}: the CPUs have computed more than they can"
        )
    for _ in range(30):
        threads = random_threads(rng, rng.randint(1, 6), locks=False, yields=False)
        result = run(
            "a CPU for each thread, no costs, no locks", "kernel", *threads, cpus=len(threads) + rng.randint(0, 2)
        )
        longest = max(ticks(thread, "cpu", "io") for thread in threads)
        assert result.makespan == longest, f"{result.about}: the makespan is not that of the longest thread alone"


# Activations


@rule("lwps-in-activations", "activations-wake-up", "activations-call")
def test_activations_replace_a_blocked_lwp(run):
    run("a call on the only LWP", "activations", "cpu 1, io 4, cpu 1", "cpu 2", "cpu 2").shows(
        "ABBCCA", kernel_switches=1, user_switches=2, mode_switches=2, ready=[0, 1, 3]
    )
    run("a call that completes while the other LWP computes", "activations", "cpu 1, io 1, cpu 1", "cpu 4").shows(
        "ABBBBA", kernel_switches=1, user_switches=1, ready=[3, 1]
    )
    run("yields before any call", "activations", "cpu 1, yield, cpu 1", "cpu 1", "cpu 1", lwps=2).shows(
        "ABCA", kernel_switches=0, user_switches=3
    )


@rule("activations-limit", "lwps-in-activations", "activations-wake-up")
def test_activations_keep_to_their_limit(run):
    # A blocks first, and its LWP is replaced; later its thread has to wait until one of the two that run is free.
    threads = ["cpu 1, io 3, cpu 2", "cpu 5", "cpu 4", "cpu 4"]
    run("a call beside more threads than LWPs", "activations", *threads, cpus=3, lwps=2).shows(
        "ACCCCDDDD", "BBBBBAA..", ".........", ready=[1, 0, 1, 5], user_switches=2
    )
    threads = ["cpu 1, io 4, cpu 1", "cpu 1, io 4, cpu 1", "cpu 2", "cpu 2"]
    run("two calls with switch costs", "activations", *threads, kernel_switch=1, user_switch=1).shows(
        "A*B*CC*DD*A*B", kernel_switches=2, user_switches=3, overhead=5
    )
    threads = ["yield", "cpu 3, cpu 2, cpu 4", "io 1", "cpu 4"]
    run("a call beside a preempted thread", "activations", *threads, lwps=2, user_switch=1, quantum=2).shows(
        "*BBBBDDBBDD**BBB", completion=[12, 16, 13, 11], user_switches=3, kernel_switches=6
    )


@rule("activations-lock", "timer-in-activations", "activations-wake-up")
def test_activations_lock_and_timer(run):
    threads = ["lock m, cpu 1, io 3, unlock m", "lock m, cpu 2, unlock m", "cpu 2"]
    run("a lock held across a call", "activations", *threads).shows("ACC.BB", lock=[0, 3, 0], mode_switches=2)
    run("a timer and two LWPs", "activations", "cpu 3", "cpu 2", "cpu 1", lwps=2, quantum=2).shows(
        "AABBAC", mode_switches=4, user_switches=1
    )
    run("a deadlock", "activations", "lock m, cpu 1", "cpu 2, lock m").shows("ABB", deadlock=3, completion=[1, None])


@rule("worked-examples", "activations-call")
def test_mixed_loads_in_activations(run):
    for model, options, threads, gantt, figures in MIXED:
        if model == "activations":
            run("a mixed load", model, *threads, **options).shows(*gantt, **figures)


@rule("thread-account", "cpu-account", "lower-bounds", "activations-call")
def test_accounts_balance_in_activations(run):
    rng = random.Random(17)
    for _ in range(40):
        threads = random_threads(rng, rng.randint(1, 6))
        options = random_options(rng)
        result = run("a mixed load", "activations", *threads, **options)
        check_accounts(result, threads, options)
        longest = max(ticks(thread, "cpu", "io") for thread in threads)
        assert result.makespan >= longest, f"{result.about}: the makespan is shorter than the longest thread alone"


# Bad arguments


def refused(raised):
    return raised.is_a(ValueError) or raised.is_a(TypeError)


@rule("bad-model", "bad-operation")
def test_unknown_models_and_operations(student, run):
    fine = [("cpu", 1)]
    for model in ("threads", "User", ""):
        raised = student.error("simulate", [fine], model)
        assert raised.is_a(ValueError), f"an unknown model raised {raised.type_name}, not ValueError"
    assert student.error("simulate", [], "threads").is_a(ValueError), (
        "an unknown model without threads: not a ValueError"
    )
    for operation in (("wait", 1), ("CPU", 1), ("join",)):
        raised = student.error("simulate", [fine, [("cpu", 1), operation]], "kernel")
        assert raised.is_a(ValueError), f"an unknown operation raised {raised.type_name}, not ValueError"
    for model in (None, 3):
        assert refused(student.error("simulate", [fine], model)), (
            "a model that is not a string: no ValueError or TypeError"
        )
    for model in ("user", "kernel", "hybrid"):
        run("known operations only", model, "lock m, cpu 1, unlock m, yield").shows("A")


@rule("bad-count", "bad-cost")
def test_counts_and_costs_out_of_range(student, run):
    threads = [[("cpu", 1)]]
    for name, model, worst in [
        ("cpus", "kernel", 0),
        ("lwps", "hybrid", 0),
        ("quantum", "kernel", 0),
        ("user_switch", "user", -1),
        ("kernel_switch", "kernel", -1),
    ]:
        for value in (worst, worst - 3):
            raised = student.error("simulate", threads, model, **{name: value})
            assert raised.is_a(ValueError), f"`{name}` out of range raised {raised.type_name}, not ValueError"
        raised = student.error("simulate", threads, model, **{name: "many"})
        assert refused(raised), f"`{name}` that is no number raised {raised.type_name}, not ValueError or TypeError"
    for kind in ("cpu", "io"):
        for n in (0, -2):
            raised = student.error("simulate", [*threads, [(kind, n)]], "kernel")
            assert raised.is_a(ValueError), (
                f"a `{kind}` of less than one tick raised {raised.type_name}, not ValueError"
            )
    never = [[("lock", "a"), ("cpu", 1), ("lock", "b")], [("lock", "b"), ("cpu", 1), ("lock", "a"), ("cpu", 0)]]
    raised = student.error("simulate", never, "kernel", cpus=2)
    assert raised.is_a(ValueError), "a `cpu` of no tick, to which a deadlock never comes, was not refused"
    least = {"cpus": 1, "lwps": 1, "quantum": 1, "user_switch": 0, "kernel_switch": 0}
    for model in ("user", "kernel", "hybrid"):
        run("the least numbers that are allowed", model, "cpu 1", **least).shows("A")


@rule("bad-unlock")
def test_unlock_of_a_lock_not_held(student, run):
    for about, model, threads in [
        ("a lock that nobody holds", "user", ["cpu 1, unlock m"]),
        ("a lock that it has given back", "kernel", ["lock m, unlock m, cpu 1, unlock m"]),
        ("a lock that another thread holds", "hybrid", ["lock m, cpu 2", "cpu 1, unlock m"]),
        ("a lock that another thread holds", "kernel", ["lock m, cpu 2", "cpu 1, unlock m"]),
    ]:
        options = {"cpus": 2, "lwps": 2}
        raised = student.error("simulate", [program(text) for text in threads], model, **options)
        assert raised.is_a(ValueError), f"to unlock {about} raised {raised.type_name}, not ValueError"
    handed = ["lock m, cpu 2, unlock m", "cpu 1, lock m, cpu 1, unlock m"]
    run("a lock that was handed over", "kernel", *handed, cpus=2).shows(completion=[2, 3], deadlock=None)


# Two calls at once. The loads are small: each schedule runs them anew.

LOADS = {
    # model, options, threads, Gantt chart, all other figures
    "no time": ("kernel", {}, ["", "", "lock m"], [""], {
        "deadlock": None, "makespan": 0, "completion": [0, 0, 0], "ready": [0, 0, 0], "io": [0, 0, 0],
        "lock": [0, 0, 0], "user_switches": 0, "kernel_switches": 2, "mode_switches": 0, "overhead": 0}),
    "no time on two CPUs": ("kernel", {"cpus": 2}, ["yield, lock m"], ["", ""], {
        "deadlock": None, "makespan": 0, "completion": [0], "ready": [0], "io": [0], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 0, "overhead": 0}),
    "lock kept": ("hybrid", {}, ["lock m, cpu 1"], ["A"], {
        "deadlock": None, "makespan": 1, "completion": [1], "ready": [0], "io": [0], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 0, "overhead": 0}),
    "lock given back": ("hybrid", {}, ["lock m, io 1, unlock m"], ["."], {
        "deadlock": None, "makespan": 1, "completion": [1], "ready": [0], "io": [1], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 2, "overhead": 0}),
    "lock handed over": ("hybrid", {"lwps": 2}, ["lock m, io 1, unlock m", "lock m"], ["."], {
        "deadlock": None, "makespan": 1, "completion": [1, 1], "ready": [0, 0], "io": [1, 0], "lock": [0, 1],
        "user_switches": 1, "kernel_switches": 2, "mode_switches": 2, "overhead": 0}),
    "timer": ("kernel", {"quantum": 1}, ["cpu 2", "cpu 1"], ["ABA"], {
        "deadlock": None, "makespan": 3, "completion": [3, 2], "ready": [1, 1], "io": [0, 0], "lock": [0, 0],
        "user_switches": 0, "kernel_switches": 2, "mode_switches": 2, "overhead": 0}),
    "costs": ("kernel", {"kernel_switch": 1}, ["cpu 1", "io 1"], ["A*."], {
        "deadlock": None, "makespan": 3, "completion": [1, 3], "ready": [0, 1], "io": [0, 1], "lock": [0, 0],
        "user_switches": 0, "kernel_switches": 1, "mode_switches": 2, "overhead": 1}),
    "lock in kernel": ("kernel", {}, ["lock m, io 1"], ["."], {
        "deadlock": None, "makespan": 1, "completion": [1], "ready": [0], "io": [1], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 2, "overhead": 0}),
    "lock in user": ("user", {}, ["lock m, cpu 1, unlock m"], ["A"], {
        "deadlock": None, "makespan": 1, "completion": [1], "ready": [0], "io": [0], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 0, "overhead": 0}),
    "one tick": ("user", {}, ["cpu 1"], ["A"], {
        "deadlock": None, "makespan": 1, "completion": [1], "ready": [0], "io": [0], "lock": [0],
        "user_switches": 0, "kernel_switches": 0, "mode_switches": 0, "overhead": 0}),
}  # fmt: skip
MOST_STEPS = 12_000
"""Of one run. The slowest correct program known takes 1,356."""


def simulating(world, load):
    """Has the script call `simulate` with a load."""
    model, options, threads, _, _ = LOADS[load]
    return load, world.call("simulate", [program(text) for text in threads], model, **options)


def check_results(ran, about, *calls):
    """Each call must have given every figure that it gives when it is alone."""
    for load, later in calls:
        model, options, threads, gantt, figures = LOADS[load]
        result = Run(ran[later], f"{about}: the one in `{model}`", len(threads), options.get("cpus", 1))
        result.shows(*gantt, **figures)


def check_refused(ran, later):
    raised = ran.error(later)
    assert raised.is_a(ValueError), f"to unlock a lock that nobody holds raised {raised.type_name}, not ValueError"


@rule("no-module-state", "same-result")
def test_two_short_calls_at_once(world):
    with world.thread():
        one = simulating(world, "no time on two CPUs")
    two = simulating(world, "no time")

    @world.every_schedule(schedules=160, steps=MOST_STEPS)
    def check(ran):
        check_results(ran, "two calls at once, with threads that compute nothing", one, two)


@rule("no-module-state", "same-result")
def test_two_loads_at_once(world):
    with world.thread():
        one = simulating(world, "lock kept")
    two = simulating(world, "lock given back")

    @world.every_schedule(schedules=60, steps=MOST_STEPS)
    def check(ran):
        check_results(ran, "two calls at once, with locks of the same name", one, two)


@rule("no-module-state", "same-result")
def test_the_same_load_twice_at_once(world):
    with world.thread():
        one = simulating(world, "lock handed over")
    two = simulating(world, "lock handed over")

    @world.every_schedule(schedules=60, steps=MOST_STEPS)
    def check(ran):
        check_results(ran, "two calls at once, with the same arguments", one, two)


@rule("no-module-state", "same-result")
def test_different_options_at_once(world):
    with world.thread():
        one = simulating(world, "timer")
    two = simulating(world, "costs")

    @world.every_schedule(schedules=80, steps=MOST_STEPS)
    def check(ran):
        check_results(ran, "two calls at once, one with a quantum and one with a cost", one, two)


@rule("no-module-state", "bad-unlock")
def test_a_bad_unlock_beside_another_call(world):
    with world.thread():
        bad = world.call("simulate", [program("cpu 1, unlock m")], "user")
    good = simulating(world, "lock in user")

    @world.every_schedule(schedules=60, steps=MOST_STEPS)
    def check(ran):
        check_refused(ran, bad)
        check_results(ran, "a call beside one with an unlock that is refused", good)


@rule("no-module-state", "bad-unlock")
def test_two_calls_after_a_bad_unlock(world):
    bad = world.call("simulate", [program("lock m, unlock n")], "hybrid")
    before = simulating(world, "one tick")
    with world.thread():
        one = simulating(world, "lock kept")
    two = simulating(world, "lock given back")

    @world.every_schedule(schedules=80, steps=MOST_STEPS)
    def check(ran):
        check_refused(ran, bad)
        check_results(ran, "two calls at once, after one that was refused and another one", before, one, two)


@rule("no-module-state", "same-result")
def test_three_calls_in_two_threads(world):
    with world.thread():
        one = simulating(world, "lock handed over")
        two = simulating(world, "one tick")
    three = simulating(world, "lock in kernel")

    @world.every_schedule(schedules=80, steps=MOST_STEPS)
    def check(ran):
        check_results(ran, "three calls in two threads", one, two, three)
