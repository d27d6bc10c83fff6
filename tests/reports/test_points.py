"""Points are the same number in every form, to the last digit."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from grader.reporting import forms
from grader.reports import safe, wording
from grader.results import Result

if TYPE_CHECKING:
    from tests.conftest import Runner


def in_terminal(data: str) -> str:
    found = re.search(r"^Score ([\d.]+) / ([\d.]+)", data, re.MULTILINE)
    assert found is not None
    return f"{found[1]} of {found[2]}"


def in_junit(data: str) -> str:
    properties = ElementTree.fromstring(data.encode()).findall("testsuite/properties/property")
    found = {key: [float(each.get("value", "")) for each in properties if each.get("name") == key] for key in KEYS}
    return f"{wording.number(sum(found['score']))} of {wording.number(sum(found['max_score']))}"


def in_markdown(data: str) -> str:
    first = data.splitlines()[0]
    return first.removeprefix("## ").removesuffix(" points").replace("/", "of")


KEYS = ("score", "max_score")


@pytest.mark.parametrize("seed", range(40))
def test_every_form_tells_the_same_points(
    any_points: Callable[[int], Result], runner: type[Runner], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name in ["CLASSROOM", "ASSIGNMENT", "OWNER", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL"]:
        monkeypatch.setenv(name, "submit/x")
    monkeypatch.setenv("ASSIGNMENT_TYPE", "group")
    result = any_points(seed)
    told = {name: form.render(result).decode() for name, form in forms().items()}
    whole = json.loads(told["json"])
    wanted = f"{wording.number(whole['score'])} of {wording.number(whole['max_score'])}"
    notices = runner().read(told["github"]).commands[-2:]
    points = json.loads(notices[1][2])
    reported = runner.reporter(told["github-output"].removeprefix("result=").strip()).commands
    classroom50, gradescope = json.loads(told["classroom50"]), json.loads(told["gradescope"])
    assert {
        "terminal": in_terminal(told["terminal"]),
        "junit": in_junit(told["junit"]),
        "markdown": in_markdown(told["markdown"]),
        "github": notices[0][2].removeprefix("Points ").replace("/", " of "),
        "github, as data": f"{points['totalPoints']} of {points['maxPoints']}",
        "github-output": reported[0][2].removeprefix("Points ").replace("/", " of "),
        "classroom50": f"{wording.exact(classroom50['score'] / 4)} of {wording.exact(classroom50['max-score'] / 4)}",
        "gradescope": f"{gradescope['score']} of {gradescope['extra_data']['max_score']}",
        "csv": safe.csv_text([[result.score, result.max_score]]).strip().replace(",", " of "),
    } == dict.fromkeys(
        [
            "terminal",
            "junit",
            "markdown",
            "github",
            "github, as data",
            "github-output",
            "classroom50",
            "gradescope",
            "csv",
        ],
        wanted,
    )
    assert base64.b64decode(told["github-output"].removeprefix("result=")).decode().count('"score"') == sum(
        len(exercise.tests) for exercise in result.exercises
    )
