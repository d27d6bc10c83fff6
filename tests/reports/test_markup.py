"""Pages from templates: whatever is put into one stays text."""

from __future__ import annotations

import json

import pytest

from grader.reports import safe
from grader.reports.markup import as_id, as_script_data, page, prose

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<!--", "]]>", '" onload="x', "' x='", "&lt;",
    "\x1b[31m", "\u202egnp.exe", "\u2028", "{{ 7 * 7 }}", "{% raw %}", "`<b>`", "javascript:alert(1)", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_escaped_and_reads_as_what_was_found(text: str) -> None:
    shown = safe.for_html(text)
    assert not set(shown) & set("<>\"'\x1b\u202e\u2028\ud800")
    assert (
        shown.replace("&lt;", "")
        .replace("&gt;", "")
        .replace("&amp;", "")
        .replace("&#x27;", "")
        .replace("&quot;", "")
        .count("&")
        == 0
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_data_for_scripts_does_not_end_them(text: str) -> None:
    written = str(as_script_data({"text": text, text: [text]}))
    assert "<" not in written and ">" not in written and "&" not in written and written.isascii()
    assert json.loads(written)["text"] == safe.for_terminal(text)


def test_code_in_prose_is_marked_and_nothing_else() -> None:
    assert prose("call `f(<x>)` <b>") == "call <code>f(&lt;x&gt;)</code> &lt;b&gt;"
    assert prose("a ` b\n` c") == "a ` b\n` c"


def test_ids_hold_no_odd_characters() -> None:
    assert as_id("threaded_sum", 'te st"<') == "threaded_sum--te-st--"


def test_a_template_escapes_what_it_is_given() -> None:
    told = page("stacks.html", data={"threads": [{"name": "<i>", "waits": "", "frames": []}]}).decode()
    assert "&lt;i&gt;" in told and "<i>" not in told
