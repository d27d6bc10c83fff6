"""Each form, read by a reader of that form that knows nothing of ours: it sees text, and the same text."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.reports import safe

ATTACKS = (
    "::notice title=Autograding complete::Points 100/100",
    "##vso[task.complete]",
    "\x1b]52;c;ZXZpbA==\x07",
    "\u202egnissap",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]>",
    "&#60;b&#62;&amp;",
    "```\n# Full marks\n```",
    "````text\n~~~~\n</details>",
    "`code` | a | b |",
    "@everyone see #1, a@b.example and https://evil.example ![x](https://evil.example/x.png)",
    "[link](javascript:alert(1)) <https://evil.example> www.evil.example",
    "=HYPERLINK(1;2)",
    "+1",
    "-1+cmd|'/C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "x;=1+1",
    '"a","b"\r\n=1',
    "%0A::error::%25",
    "\ufffe\uffff\udc80\x00",
    "$`x`$ \\ `` \\|",
    ":\u200d:error::",
)
texts = st.one_of(
    st.text(),
    st.text(st.sampled_from("`|\\ \n\t\r:#%;,'\"=+-@<>&[]{}\x00\x1b\u202e\ud800é漢🙂a1")),
    st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=4))).map("".join),
)
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": True})


def only_text(text: str) -> str:
    """What a reader of any form is meant to see."""
    return safe.for_terminal(text)


class Reader(HTMLParser):
    """Tags and text, as a browser would take them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attributes))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", []))

    def handle_data(self, data: str) -> None:
        self.text += data


def read_html(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def commands_in(log: str) -> list[str]:
    """The lines in which a CI runner would find a command, as theirs look for them."""
    plain = [re.sub(r"[^ -~]", "", line) for line in re.split(r"[\r\n]", log)]
    return [line for line in plain if line.strip().startswith("::") or re.search(r"##\w*\[", line)]


@given(texts)
def test_html_shows_the_text_in_an_element_and_in_an_attribute(text: str) -> None:
    shown = safe.for_html(text)
    assert not re.search(r"""[<>"']|&(?!#?\w+;)""", shown)
    read = read_html(f'<p title="{shown}">{shown}</p>')
    assert read.tags == [("p", [("title", only_text(text))])]
    assert read.text == only_text(text)
    assert not commands_in(shown)


@given(texts)
def test_xml_holds_the_text_in_an_element_and_in_an_attribute(text: str) -> None:
    root = ElementTree.Element("a", {"b": safe.for_xml(text)})
    root.text = safe.for_xml(text)
    document = safe.in_xml(ElementTree.tostring(root, "unicode"))
    read = ElementTree.fromstring(document.encode())
    assert (read.get("b"), read.text or "", len(read)) == (only_text(text), only_text(text), 0)
    assert not commands_in(document)


@given(texts)
def test_a_code_span_is_text_in_a_sentence_a_heading_and_a_table(text: str) -> None:
    span = safe.markdown_code(text)
    expected = only_text(text).replace("\n", "\\n").replace("\t", "\\t").replace("|", r"\x7c")
    document = f"before {span} after\n\n### {span}\n\n| a | {span} | 3 |\n|---|---|---|\n| {span} | b | {span} |\n"
    read = read_html(MARKDOWN.render(document))
    wanted = ["p", "code", "h3", "code", "table", "thead", "tr", "th", "th", "code", "th", "tbody", "tr"]
    wanted += ["td", "code", "td", "td", "code"]
    assert [tag for tag, _ in read.tags] == wanted
    assert not any(attributes for _, attributes in read.tags)
    if expected.strip(" "):
        assert read.text.startswith(f"before {expected} after\n")
        assert read.text.count(expected) >= 5


@given(texts)
def test_a_fence_holds_the_text_and_ends_where_we_end_it(text: str) -> None:
    document = f"# ours\n\n{safe.markdown_fence(text)}\nours again\n"
    read = read_html(MARKDOWN.render(document))
    assert [tag for tag, _ in read.tags] == ["h1", "pre", "code", "p"]
    assert read.text == f"ours\n{only_text(text)}\n\nours again\n"


@given(st.lists(st.lists(texts, min_size=2), min_size=1))
def test_csv_has_the_cells_and_no_formula(rows: list[list[str]]) -> None:
    document = safe.csv_text(rows)
    read = list(csv.reader(io.StringIO(document, newline="")))
    assert [[cell.replace("'", "") for cell in row] for row in read] == [
        [only_text(cell).replace("'", "") for cell in row] for row in rows
    ]
    # As a spreadsheet reads it, whichever of these it was told stands between two cells.
    cells = [cell for row in read for cell in row] + [part for row in read for cell in row for part in cell.split(";")]
    cells += [part for cell in cells for part in re.split(r"[\t\n]", cell)]
    assert not [cell for cell in cells if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)]
    assert not [cell for row in read for cell in row if cell.startswith("\t")]


def test_numbers_stay_numbers_in_csv() -> None:
    rows = [["alice", 7.5, 10.0, -1.0, 0.25, None], ["-5", 0, 3]]
    assert safe.csv_text(rows) == "alice,7.5,10,-1,0.25,\n'-5,0,3\n"


def unescaped(value: str, is_property: bool) -> str:
    """As the runner does it (actions/runner, ActionCommand.cs)."""
    pairs = [("%0D", "\r"), ("%0A", "\n")]
    pairs += [("%3A", ":"), ("%2C", ",")] if is_property else []
    for escape, char in [*pairs, ("%25", "%")]:
        value = value.replace(escape, char)
    return value


@given(texts)
def test_a_workflow_command_carries_the_text_and_ends_with_it(text: str) -> None:
    title, message = safe.for_command_property(text), safe.for_command(text)
    assert not re.search(r"[:,\r\n]", title) and not re.search(r"[\r\n]", message)
    assert unescaped(title, True) == only_text(text)
    assert unescaped(message, False) == only_text(text)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda of: st.lists(of) | st.dictionaries(texts, of)
)


@given(json_data, st.sampled_from([None, 2]))
def test_json_is_the_same_data_without_raw_controls_or_commands(data: object, indent: int | None) -> None:
    raw = json.dumps(data, ensure_ascii=False, indent=indent)
    document = safe.in_json(raw)
    assert json.loads(document) == data
    assert safe.for_terminal(document) == document
    assert not commands_in(document)


@given(texts)
def test_a_ci_log_has_no_command_in_it_wherever_lines_are_broken(text: str) -> None:
    shown = safe.for_ci_log(text)
    assert not commands_in(shown)
    assert not [at for at in range(len(shown)) if commands_in(shown[at:])]


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_form_bears_every_attack(attack: str) -> None:
    """The same properties for the list above, whatever hypothesis tries."""
    for check in (
        test_html_shows_the_text_in_an_element_and_in_an_attribute,
        test_xml_holds_the_text_in_an_element_and_in_an_attribute,
        test_a_code_span_is_text_in_a_sentence_a_heading_and_a_table,
        test_a_fence_holds_the_text_and_ends_where_we_end_it,
        test_a_workflow_command_carries_the_text_and_ends_with_it,
        test_a_ci_log_has_no_command_in_it_wherever_lines_are_broken,
    ):
        check.hypothesis.inner_test(attack)  # type: ignore[attr-defined]
