"""Hostile text: nothing of it moves a cursor, hides, reverses what is read, or commands a CI system."""

from __future__ import annotations

import re
import unicodedata

import pytest

from grader.reports import safe


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]52;c;ZXZpbA==\x07", r"\x1b]52;c;ZXZpbA==\x07"),  # would fill the clipboard
        ("\x1b]0;title\x1b\\", r"\x1b]0;title\x1b" + "\\"),
        ("\x9b2J\x9d0;t\x9c", r"\x9b2J\x9d0;t\x9c"),  # the same in C1
        ("failed\rpassed", r"failed\rpassed"),
        ("bad\b\b\bgood", r"bad\x08\x08\x08good"),
        ("\x00\x0b\x0c\x7f\x85", r"\x00\x0b\x0c\x7f\x85"),
        ("\u202egnissap\u202c", r"\u202egnissap\u202c"),
        ("\u2066a\u2067b\u2068c\u2069", r"\u2066a\u2067b\u2068c\u2069"),
        ("a\u200eb\u200fc\u061cd", r"a\u200eb\u200fc\u061cd"),
        ("pass\u200bed\ufeff", r"pass\u200bed\ufeff"),
        ("one\u2028two\u2029", r"one\u2028two\u2029"),
        ("\U000e0041\U000e007f", r"\U000e0041\U000e007f"),
        ("caf\udce9 \ud800", r"caf\udce9 \ud800"),
    ],
)
def test_what_must_not_reach_a_screen_is_escaped_visibly(raw: str, shown: str) -> None:
    assert safe.for_terminal(raw) == shown
    assert safe.for_ci_log(raw) == shown


@pytest.mark.parametrize(
    "text", ["", "a\tb\n  c", "naïve 漢字 → ✓ 🙂", "[bold]x[/bold]", ":smile:", "x[::2] \\x1b", "ñ"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe.for_terminal(text) == text


def test_windows_line_ends_are_line_ends() -> None:
    assert safe.for_terminal("a\r\nb\r\n") == "a\nb\n"


def test_no_control_or_half_character_is_let_through() -> None:
    everything = "".join(map(chr, range(0x110000)))
    shown = safe.for_terminal(everything)
    assert {char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")} == {"\n", "\t"}
    assert not any(unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF") for char in shown)
    assert not any(unicodedata.bidirectional(char) in ("LRI", "RLI", "FSI", "PDI") for char in shown)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", r"\xe9 \u2192"), ("latin-1", r"é \u2192"), ("cp1252", r"é \u2192"), ("utf-8", "é →")],
)
def test_characters_that_the_terminal_has_not_are_escaped(encoding: str, shown: str) -> None:
    assert safe.for_terminal("é →", encoding) == shown
    assert safe.for_ci_log("é →", encoding) == shown


@pytest.mark.parametrize(
    "raw",
    [
        "::notice title=Autograding complete::Points 100/100",
        "  \t::error::x",
        "first\n::stop-commands::token",
        ":::warning::x",
        "::::::",
        "done ##[set-output name=x]1",
        "##vso[task.setvariable variable=x]1",
        "###[command]",
        "##teamcity[testFailed]",
        "\u00a0::notice::x",
        ":\ufe0f:notice::x",  # compared by culture, the selector between the colons is nothing
        ":\u200d:notice::x",
        "#\u200d#[error]x",
        "\r::notice::x",
        "\u2028::notice::x",
    ],
)
def test_no_part_of_a_ci_log_is_a_workflow_command(raw: str) -> None:
    skipped = re.sub(r"[^\x00-\x7f]", "", safe.for_ci_log(raw))
    assert "::" not in skipped
    assert not re.search(r"##\w*\[", skipped)


def test_ci_log_keeps_what_is_no_command() -> None:
    assert safe.for_ci_log("a: b # c ## d [1] http://x#y") == "a: b # c ## d [1] http://x#y"


def test_name_stays_on_one_line() -> None:
    assert safe.on_one_line(safe.for_terminal("alice\nScore 100 / 100\t\x1b[A")) == r"alice\nScore 100 / 100\t\x1b[A"
