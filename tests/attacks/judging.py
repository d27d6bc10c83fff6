"""Compares what came of an attack with what must: outcome, reasons, points, flags, nothing left, nothing raw."""

from __future__ import annotations

import json
import os
import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from grader.plugins import plugin_manager
from grader.results import Result, from_json
from tests.attacks.corpus import Attack
from tests.attacks.running import SECRET, Run

_REACHED = re.compile(r"REACHED \S")
_RENDERING = threading.Lock()
_ASKED_FOR = dict.fromkeys(
    ["CLASSROOM", "ASSIGNMENT", "OWNER", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL"], "x"
) | {"ASSIGNMENT_TYPE": "individual"}
"""What forms of a report take from the environment in which they are made."""

_GRADED = 0
_USAGE = 2


def deviations(attack: Attack, tier: str, run: Run) -> list[str]:
    """What is not as the attack's head says, one line each; empty if all is."""
    held = not attack.at(tier, "not held")
    found = [*_grader_lives(run), *_left(attack, tier, run, held), *_reached(attack, run, held)]
    if attack.at(tier, "outcome") == "R":
        found += _refused(attack, tier, run)
    elif run.result:
        found += _verdicts(attack, tier, run.exercise(attack.exercise))
        found += _told(attack, tier, run)
    else:
        found.append(f"there is no result: {run.errors[-500:]}")
    return [*found, *_raw_bytes(run)]


def _grader_lives(run: Run) -> Iterator[str]:
    if run.status is None:
        yield "the grading never ended"
    elif run.status not in (_GRADED, _USAGE):
        yield f"the exit status is {run.status}: {run.errors[-500:]}"


def _left(attack: Attack, tier: str, run: Run, held: bool) -> Iterator[str]:
    yield from (f"a process is left: {command[:200]}" for command in run.processes)
    leaves = [] if held else attack.names(tier, "leaves")
    yield from (f"a file is left: {path}" for path in run.files if path not in leaves)
    yield from (
        f"{path} was to be left behind, and was not: say that it is held" for path in set(leaves) - {*run.files}
    )


def _reached(attack: Attack, run: Run, held: bool) -> Iterator[str]:
    """An attack that gets at what it should not says so by itself."""
    found = _REACHED.search(run.output) is not None or bool(run.connections)
    if found and held:
        around = _REACHED.search(run.output)
        yield f"it got through: {run.output[around.start() :][:200] if around else 'to the listener'}"
    if not found and not held and attack.says_so:
        yield "it does not get through here: say that it is held"
    if SECRET in run.output or SECRET in run.errors:
        yield "a secret of the grader's environment is in the output"


def _refused(attack: Attack, tier: str, run: Run) -> Iterator[str]:
    exercise = run.exercise(attack.exercise)
    said = exercise["reason"] if exercise else run.errors
    if exercise and (exercise["status"] == "graded" or exercise["score"]):
        yield f"it was taken: {exercise['status']}, {exercise['score']:g} points"
    if not exercise and run.status != _USAGE:
        yield f"it was not refused: exit status {run.status}"
    yield from (
        f"the refusal does not say {words!r}: {said}" for words in attack.names(tier, "reason") if words not in said
    )


def _verdicts(attack: Attack, tier: str, exercise: dict[str, Any]) -> Iterator[str]:
    outcome = attack.at(tier, "outcome")
    tests = {test["name"]: test for test in exercise["tests"]}
    named = attack.names(tier, "fails") or ([] if outcome == "N" else list(tests))
    pass_anyway = attack.names(tier, "passes")
    yield from (f"{name}: there is no such test" for name in {*named, *pass_anyway} - {*tests})
    named = [name for name in named if name not in pass_anyway]
    for name, test in tests.items():
        wanted = "failed" if name in named else "passed"
        if test["verdict"] != wanted:
            yield f"{name}: {test['verdict']} where it must be {wanted}: {test['reason']}"
        if test["score"] and name in named:
            yield f"{name}: {test['score']:g} points forged"
    status = "cannot be tested" if outcome == "E" else "graded"
    if exercise["status"] != status:
        yield f"the exercise is {exercise['status']!r} where it must be {status!r}: {exercise['reason']}"


def _told(attack: Attack, tier: str, run: Run) -> Iterator[str]:
    exercise = run.exercise(attack.exercise)
    reasons = [exercise["reason"], *(test["reason"] for test in exercise["tests"] if test["verdict"] != "passed")]
    for words in attack.names(tier, "reason"):
        if not any(words in reason for reason in reasons):
            yield f"no reason says {words!r}: {sorted(set(reasons))}"
    notes = "\n".join([*run.result["notes"], *exercise["notes"]])
    if attack.at(tier, "says") not in notes:
        yield f"no note says {attack.at(tier, 'says')!r}: {notes}"
    flags = list(_flags(run.result))
    if not any(attack.at(tier, "flag") in flag for flag in [*flags, ""]) or (attack.at(tier, "flag") and not flags):
        yield f"no flag says {attack.at(tier, 'flag')!r}: {flags}"


def _flags(value: Any) -> Iterator[str]:
    """Everything under a key `flags`, wherever in a result it is."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "flags":
                yield from ([json.dumps(one) for one in item] if isinstance(item, list) else [json.dumps(item)])
            else:
                yield from _flags(item)
    elif isinstance(value, list):
        for item in value:
            yield from _flags(item)


def _raw_bytes(run: Run) -> Iterator[str]:
    """In no form, and in no message, is a byte that would do anything to a reader's screen."""
    forms = {"standard error": run.errors}
    if raw := sorted(filter(_acts, set(run.output))):
        yield f"the result as JSON: raw {', '.join(map(ascii, raw))}"
    if run.result:
        forms |= _rendered(from_json(run.output.encode()))
    for name, text in forms.items():
        acts = _acts_in_json if _is_json(text) else _acts
        if raw := sorted(filter(acts, set(text))):
            yield f"{name}: raw {', '.join(map(ascii, raw))}"


def _rendered(result: Result) -> dict[str, str]:
    """The result in all forms that there are."""
    with _RENDERING, patch.dict(os.environ, _ASKED_FOR):
        reports = [report for given in plugin_manager().hook.grader_reports() for report in given]
        return {f"report {report.name}": report.render(result).decode() for report in reports}


def _acts(char: str) -> bool:
    """Whether a character moves cursors, reverses what is read, or hides."""
    return char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")


def _acts_in_json(char: str) -> bool:
    """The same for JSON, which programs read: control bytes only."""
    return char != "\n" and char < " "


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
