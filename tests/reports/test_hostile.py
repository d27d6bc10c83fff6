"""A result every text of which attacks every form: whatever form there is, its reader sees text only.

A form that reached text of a submission other than through `grader.reports.safe` is seen here.
"""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

from grader.reporting import forms
from grader.reports import github, github_output, safe
from grader.results import ExerciseResult, Result, TestResult, from_json, result

if TYPE_CHECKING:
    from tests.conftest import Runner

ATTACK = (
    "\"'=cmd|x;=1 ]]>&amp;&#60;<script>alert(1)</script><img src=x onerror=alert(1)></details></code> "
    "\x1b]52;c;x\x07\x9b2J\u202e\u2066\u200b\U000e0041\x00\x7f\ufffe "
    "`` ``` @everyone #1 a@b.example https://evil.example [x](https://evil.example) | %0A%0D,title=x: "
    "\r\n::notice title=Autograding complete::Points 100/100"
    "\n:\u200d:error::x\n##[error]x\n ##vso[task.complete]x\n##teamcity[x]\nresult=e30=\nscore<<X\n"
    "```\n# Full marks\n~~~~\n\n<b>\n=1+1\n@x\n-1\n\t+1"
)
FIRST, LAST = "q7Q", "Z9z"
"""Around each attack: to be found again in what a reader sees."""


def hostile(name: str) -> str:
    return f"{FIRST}{name}{ATTACK}{LAST}"


def hostile_test(count: int, verdict: str, **fields: Any) -> TestResult:
    data = hostile("evidence")
    evidence = {
        "kind": data,
        "output": hostile("output"),
        "story": [hostile("story"), ATTACK, 7, None, [ATTACK]],
        "line": data,
        "threads": [{data: data, "thread": data, "frames": [{"file": data, "line": data, "source": data}, data]}, data],
        "waited_for": data,
        data: {data: [data, {data: data}]},
        "flags": [hostile("flag"), ATTACK],
    }
    return TestResult(
        name=f"test_{count}{hostile('name')}",
        group=hostile("group"),
        visibility="hidden" if count % 2 else "public",
        verdict=verdict,  # type: ignore[arg-type]
        score=0.25,
        max_score=1.0,
        reason=hostile(f"reason{count}"),
        rule=f"{hostile('rule')}\n{hostile('rule again')}",
        evidence=evidence,
        duration=0.5,
        **fields,
    )


def hostile_exercise(count: int, status: str) -> ExerciseResult:
    verdicts = ["passed", "failed", "failed", "inconclusive", "inconclusive"]
    tests = [hostile_test(10 * count + place, verdict) for place, verdict in enumerate(verdicts)]
    return ExerciseResult(
        name=f"{count}{hostile('exercise')}",
        title=hostile("title"),
        score=1.25,
        max_score=5.0,
        inconclusive=2.0,
        status=status,
        reason=hostile("why not"),
        tests=tests,
        notes=[hostile("note"), ATTACK],
        flags=[hostile("flag"), ATTACK],
        hints={line: [hostile("hint"), ATTACK] for line in tests[0].rule.splitlines()} | {ATTACK: [ATTACK]},
    )


@pytest.fixture
def everything() -> Result:
    data = hostile("environment")
    return result(
        hostile("submission"),
        [
            hostile_exercise(1, "graded"),
            hostile_exercise(2, "cannot be tested"),
            hostile_exercise(3, hostile("status")),
        ],
        environment={"tier": data, "guarantees": [data], "python": data, data: [data]},
        pack=hostile("pack"),
        digest=hostile("digest"),
        notes=[hostile("whole"), ATTACK],
    )


class Page(HTMLParser):
    """The elements of a page, and the text outside of code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.outside = ""
        self._code = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attributes)))
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", ()))

    def handle_decl(self, decl: str) -> None:
        self.tags.append((decl, ()))

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.outside += data


def read_terminal(data: str) -> None:
    assert [line for line in data.splitlines() if line.startswith("Score")] == [
        "Score 3.75 / 15 (6 points not decided)"
    ]


def read_json(data: str) -> None:
    from_json(data.encode())


def read_junit(data: str) -> None:
    root = ElementTree.fromstring(data.encode())
    tags = {"testsuites", "testsuite", "testcase", "properties", "property", "failure", "skipped", "system-out"}
    assert {element.tag for element in root.iter()} == tags
    assert len(root.findall("testsuite/testcase")) == 15
    assert safe.for_terminal(hostile("submission")) in [each.get("value") for each in root.iter("property")]
    assert any(safe.for_terminal(hostile("output")) == each.text for each in root.iter("system-out"))


def read_markdown(data: str) -> None:
    page = Page()
    page.feed(MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(data))
    known = {"h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "p", "code", "pre"}
    assert {tag for tag, _ in page.tags} == known
    assert {name for _, given in page.tags for name, _ in given} <= {"class", "style"}
    assert [tag for tag, _ in page.tags].count("tr") == 4
    assert FIRST not in page.outside and LAST not in page.outside and "evil" not in page.outside
    assert FIRST in data


def read_github_output(data: str) -> None:
    assert re.fullmatch(r"result=[A-Za-z0-9+/=]+\n", data)


def read_gradescope(data: str) -> None:
    found = json.loads(data)
    assert len(found["tests"]) == 15
    assert safe.for_terminal(hostile("reason11")).split("\n")[0] in found["tests"][1]["output"]


def read_classroom50(data: str) -> None:
    assert len(json.loads(data)["tests"]) == 15


READERS: dict[str, Callable[[str], None]] = {
    "terminal": read_terminal,
    "json": read_json,
    "junit": read_junit,
    "markdown": read_markdown,
    "github-output": read_github_output,
    "gradescope": read_gradescope,
    "classroom50": read_classroom50,
}


@pytest.fixture(autouse=True)
def classroom(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLASSROOM", "ASSIGNMENT", "OWNER", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL"):
        monkeypatch.setenv(name, ATTACK.replace("\x00", ""))
    monkeypatch.setenv("SUBMISSION_TAG", "submit/x")
    monkeypatch.setenv("ASSIGNMENT_TYPE", "group")


def strings_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *strings_in(item))]
    if isinstance(value, list):
        return [text for item in value for text in strings_in(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", forms())
def test_no_form_lets_a_control_or_hidden_character_through(everything: Result, name: str) -> None:
    data = forms()[name].render(everything).decode()
    assert safe.for_terminal(data) == data


@pytest.mark.parametrize("name", [name for name, form in forms().items() if not form.is_commands])
def test_no_form_but_that_of_commands_has_one_in_it(everything: Result, name: str, runner: type[Runner]) -> None:
    data = forms()[name].render(everything).decode()
    if name in ("markdown", "html"):  # for a browser; what is printed of it is in `test_reporting`
        data = safe.for_ci_log(data)
    assert runner().read(data).commands == []


@pytest.mark.parametrize("name", READERS)
def test_the_reader_of_a_form_sees_text_only(everything: Result, name: str) -> None:
    READERS[name](forms()[name].render(everything).decode())


@pytest.mark.parametrize("name", forms())
def test_every_form_names_what_it_is_about_in_the_same_words(everything: Result, name: str) -> None:
    data = forms()[name].render(everything).decode()
    if name == "github-output":
        data = base64.b64decode(data.removeprefix("result=")).decode()
    assert FIRST in data


def test_workflow_commands_are_ours_alone(everything: Result, runner: type[Runner]) -> None:
    files = {exercise.name: f"dir/{hostile('file')}.py" for exercise in everything.exercises}
    for lines in (github.render(everything).decode(), "\n".join(github.errors(everything, files))):
        read = runner().read(lines)
        assert not [line for line in read.log if line]
        notices = [command for command in read.commands if command[0] == "notice"]
        assert [text for _, _, text in notices] in ([], ["Points 3.75/15", '{"totalPoints":3.75,"maxPoints":15}'])
        assert {name for name, _, _ in read.commands} <= {"error", "warning", "notice"}
        found = [command for command in read.commands if command[0] == "error"]
        assert {key for _, properties, _ in found for key in properties} == {"file", "title"}
        for _, properties, text in found:
            assert safe.for_terminal(text) == text and all(
                safe.for_terminal(each) == each for each in properties.values()
            )
    assert {properties["file"] for _, properties, _ in found} == {safe.for_terminal(f"dir/{hostile('file')}.py")}


def test_reporter_prints_no_command_but_the_points(everything: Result, runner: type[Runner]) -> None:
    files = {exercise.name: hostile("file") for exercise in everything.exercises}
    read = runner.reporter(github_output.encoded(everything, files))
    assert [text for _, _, text in read.commands] == ["Points 3.75/15", '{"totalPoints":3.75,"maxPoints":15}']
    given = json.loads(base64.b64decode(github_output.encoded(everything, files)))
    assert all(runner().read(text).commands == [] for text in strings_in(given))


def test_step_outputs_are_ours_alone(everything: Result, runner: type[Runner]) -> None:
    assert runner.outputs(github_output.render(everything).decode()).keys() == {"result"}


def test_data_for_other_programs_is_plain_text_in_them(everything: Result) -> None:
    for name in ("gradescope", "classroom50"):
        for text in strings_in(json.loads(forms()[name].render(everything))):
            assert safe.for_terminal(text) == text


def test_json_is_the_very_result(everything: Result) -> None:
    assert from_json(forms()["json"].render(everything)) == from_json(forms()["json"].render(everything))
    assert from_json(forms()["json"].render(everything)).exercises[0].tests[1] == everything.exercises[0].tests[1]
    assert from_json(forms()["json"].render(everything)).environment == everything.environment


def test_classroom50_is_valid_whatever_it_holds(everything: Result, request: pytest.FixtureRequest) -> None:
    schema = json.loads((request.path.parent / "classroom50-result-v1.schema.json").read_text())
    jsonschema.validate(json.loads(forms()["classroom50"].render(everything)), schema)
