"""What a check came to, for people: a table, what stands against a release, and what an author may want to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checking.model import CheckResult, ExerciseCheck, MutantCheck

if TYPE_CHECKING:
    from rich.console import Console

_MOST_NOTES = 5


def print_check(result: CheckResult, console: Console) -> None:
    """Writes a check: overview, problems, notes, verdict.

    Args:
        result: of the check.
        console: where to.
    """
    _overview(result, console)
    for exercise in result.exercises:
        _problems(exercise, console)
    for change in result.changed:
        then = f"{change.then} in round {change.round} with {change.under}"
        _say(console, f"{change.exercise} {change.submission}: {change.test} {change.first} at first, {then}")
    _notes(result, console)
    under = f", under {result.load} busy loops" if result.load else ""
    times = f" in {result.repeat} rounds" if result.repeat > 1 else ""
    _say(console, f"\n{result.gradings} gradings{times}{under}, {result.seconds:.0f} s")
    if result.interrupted:
        _say(console, "Interrupted: not all was looked at.")
    _say(console, "The pack is releasable." if result.releasable else "The pack is not releasable.")


def _overview(result: CheckResult, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    heads = ("exercise", "ref.", "stub", "correct", "faulty", "thread mutants", "other mutants", "coverage")
    for head in heads:
        table.add_column(head, justify="left" if head == "exercise" else "right", no_wrap=True)
    for one in result.exercises:
        mutants = one.mutants or []
        table.add_row(
            one.name,
            *(_of_kind(one, kind) for kind in ("reference", "stub", "correct", "faulty")),
            _killed([mutant for mutant in mutants if mutant.concurrency]),
            _killed([mutant for mutant in mutants if not mutant.concurrency]),
            _coverage(one),
        )
    console.print(table)
    _share(result, console)


def _share(result: CheckResult, console: Console) -> None:
    """How many of the mutants of threads are killed that can be."""
    threads = [one for exercise in result.exercises for one in exercise.mutants or [] if one.concurrency]
    able = [one for one in threads if one.killed_by or not one.equivalent]
    if able:
        killed = sum(bool(one.killed_by) for one in able)
        judged = len(threads) - len(able)
        share = f"{100 * killed / len(able):.4g}%"
        _say(
            console,
            f"Thread mutants killed: {killed} of {len(able)} ({share}); {judged} more are judged equivalent (+).",
        )


def _of_kind(exercise: ExerciseCheck, kind: str) -> str:
    found = [one for one in exercise.submissions if one.kind == kind]
    right = sum(not one.wrong for one in found)
    if kind in ("reference", "stub"):
        return "-" if not found else "ok" if right else "wrong"
    return f"{right}/{len(found)}"


def _killed(mutants: list[MutantCheck]) -> str:
    if not mutants:
        return "-"
    killed = sum(bool(mutant.killed_by) for mutant in mutants)
    judged = sum(bool(mutant.equivalent) and not mutant.killed_by for mutant in mutants)
    return f"{killed}/{len(mutants)}" + (f" +{judged}" if judged else "")


def _coverage(exercise: ExerciseCheck) -> str:
    found = exercise.coverage
    if found is None:
        return "-"
    missed = len(found.missed_lines) + len(found.missed_branches)
    total = found.lines + found.branches
    return f"{100 * (total - missed) / total:.4g}%" if total else "100%"


def _problems(exercise: ExerciseCheck, console: Console) -> None:
    survivors = {f"mutant {one.id}:": one for one in exercise.mutants or [] if not one.killed_by and not one.equivalent}
    if exercise.problems:
        console.print(f"\n{exercise.name}", style="bold", markup=False, highlight=False)
    for problem in exercise.problems:
        _say(console, f"  {problem}")
        mutant = next((one for start, one in survivors.items() if problem.startswith(start)), None)
        if mutant is not None:
            _say(console, "\n".join(f"    {line}" for line in mutant.diff.splitlines()))


def _notes(result: CheckResult, console: Console) -> None:
    notes = [f"{one.name}: {note}" for one in result.exercises for note in one.notes]
    if notes:
        _say(console, "")
    for note in notes[:_MOST_NOTES]:
        _say(console, f"Note: {note}")
    if len(notes) > _MOST_NOTES:
        _say(console, f"and {len(notes) - _MOST_NOTES} notes more, in the JSON")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
