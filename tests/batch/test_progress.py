"""Progress: plain lines where there is no terminal, one live line where there is; no name is shown raw."""

from __future__ import annotations

import io

from rich.console import Console

from grader.batch.progress import Lines, Live, make_progress

HOSTILE = "eve\x1b]52;c;x\x07\n::error::x"


def tell(progress: Lines | Live) -> None:
    progress.found(3)
    progress.began("alice")
    progress.began(HOSTILE)
    progress.finished("alice", 3.5, 4.0, "", again=False)
    progress.finished(HOSTILE, None, 0.0, "it is a link", again=False)
    progress.finished("bob", 4.0, 4.0, "", again=True)
    progress.close()


def test_a_plain_line_for_each_submission() -> None:
    out = io.StringIO()
    tell(Lines(out))
    assert out.getvalue().splitlines() == [
        "[1/3] alice: 3.5/4",
        r"[2/3] eve\x1b]52;c;x\x07\n: :error: :x: not graded (it is a link)",
        "1 of 3 had nothing to be graded now: known already, the same files as another's, or not asked for",
    ]


def test_what_has_been_refused_is_told_once() -> None:
    out = io.StringIO()
    lines = Lines(out)
    lines.found(1)
    lines.finished("eve", None, 0.0, "it is a link", again=True)
    lines.close()
    assert out.getvalue() == "[1/1] eve: not graded (it is a link)\n"


def test_a_live_line_on_a_terminal() -> None:
    out = io.StringIO()
    tell(Live(Console(file=out, force_terminal=True, width=120, color_system=None)))
    assert "1 with problems" in out.getvalue() and "/s, " in out.getvalue()
    assert "\x1b]52" not in out.getvalue()


def test_lines_where_there_is_no_terminal() -> None:
    assert isinstance(make_progress(), Lines)
    assert isinstance(make_progress(Console(file=io.StringIO(), force_terminal=True)), Live)
    assert isinstance(make_progress(Console(file=io.StringIO())), Lines)
