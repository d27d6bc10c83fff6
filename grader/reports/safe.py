r"""Makes text that came from a submission safe to show; every form gets such text from here only.

What must not reach a reader's screen as it is, is shown as Python would write it: `\x1b`, `\u202e`. The
results are plain strings: hand them to `rich.text.Text`, never to anything that reads markup.
"""

from __future__ import annotations

import html
import re

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but newline and tab, DEL, C1: escape sequences begin with one of these
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # no width at all
    "\u2028\u2029"  # lines end here, for some
    "\U000e0000-\U000e007f"  # tags, an invisible alphabet
    "]"
)

# GitHub trims a line before it looks for `::`, and both it and Azure find `##[` and `##vso[` anywhere. .NET compares
# text by culture, which skips characters that it holds to be nothing: hence what may stand between the two.
_COLONS = re.compile(r":(?=[^ -~\n]*:)")
_HASHES = re.compile(r"#(?=[^ -~\n]*#[^\s\[]*\[)")


def for_terminal(text: str, encoding: str = "utf-8") -> str:
    """Text of several lines that moves no cursor, sets no title or clipboard, and reads in the order it is stored.

    Args:
        text: whatever was found.
        encoding: of the terminal; characters that it has not are escaped as well.
    """
    shown = _HIDDEN.sub(_escaped, text.replace("\r\n", "\n"))
    # No encoding has halves of a character, which stand for bytes that were no UTF-8: they are escaped here, too.
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def for_ci_log(text: str, encoding: str = "utf-8") -> str:
    """The same for the log of a CI job, wherever in the text a line may be broken: no part of it is a workflow command.

    Args:
        text: whatever was found.
        encoding: of the log.
    """
    return _HASHES.sub("# ", _COLONS.sub(": ", for_terminal(text, encoding)))


def for_html(text: str) -> str:
    """The same as HTML: text between tags, or an attribute's value in quotes.

    Args:
        text: whatever was found.
    """
    return html.escape(for_terminal(text), quote=True)


def on_one_line(text: str) -> str:
    """Safe text, as from `for_terminal`, with its newlines and tabs escaped too: for names."""
    return text.replace("\n", "\\n").replace("\t", "\\t")


def _escaped(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]
