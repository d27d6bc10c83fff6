r"""Makes text that came from a submission safe to show; every form gets such text from here only.

What must not reach a reader's screen as it is, is shown as Python would write it: `\x1b`, `\u202e`. For each form
one function says the rest: the reader of that form, be it a browser, a spreadsheet or a CI runner, sees the text of
`for_terminal` and nothing but text. What comes from `for_terminal` itself is for `rich.text.Text` or a plain file,
never for anything that reads markup.

| form | text | whole document |
|---|---|---|
| terminal | `for_terminal`, `on_one_line` | |
| CI log | `for_ci_log` | `for_ci_log` |
| workflow command | `for_command`, `for_command_property` | |
| HTML, text or quoted attribute | `for_html` | |
| Markdown | `markdown_code`, `markdown_fence` | |
| XML | `for_xml`, then a writer of XML | `in_xml` |
| CSV | `for_csv` | `csv_text` |
| JSON | a writer of JSON | `in_json` |
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence

from grader.reports.wording import number

_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but newline and tab, DEL, C1: escape sequences begin with one of these
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # no width at all
    "\u2028\u2029"  # lines end here, for some
    "\U000e0000-\U000e007f"  # tags, an invisible alphabet
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters at all; XML forbids the last two
    "]"
)

_NOT_IN_JSON = re.compile(f"{_HIDDEN.pattern}|[\ud800-\udfff]")

# GitHub trims a line before it looks for `::`, and both it and Azure find `##[` and `##vso[` anywhere. .NET compares
# text by culture, which skips characters that it holds to be nothing: hence what may stand between the two.
_COLONS = re.compile(r":(?=[^ -~\n]*:)")
_HASHES = re.compile(r"#(?=[^ -~\n]*#[^\s\[]*\[)")

# A spreadsheet takes a cell for a formula by its first character, full-width ones included. Where it was set up for
# `;` between cells, it cuts at every one, whatever the quotes: hence not at the beginning only.
_FORMULA = re.compile(r"^(?=\t)|(^|[;\t\n])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_BACKTICKS = re.compile("`+")


def for_terminal(text: str, encoding: str = "utf-8") -> str:
    """Text of several lines that moves no cursor, sets no title or clipboard, and reads in the order it is stored.

    Args:
        text: whatever was found.
        encoding: of the terminal; characters that it has not are escaped as well.
    """
    if text.isascii() and text.isprintable():
        return text  # most names and numbers: nothing is there to escape
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


def on_one_line(text: str) -> str:
    """Safe text, as from `for_terminal`, with its newlines and tabs escaped too: for names."""
    return text.replace("\n", "\\n").replace("\t", "\\t")


def for_html(text: str) -> str:
    """HTML that shows the text: between tags, or within the quotes of an attribute that holds no address or code."""
    return in_xml(html.escape(for_terminal(text)))


def for_xml(text: str) -> str:
    """The text in characters that XML allows, for a writer of XML, which escapes its markup."""
    return for_terminal(text)


def in_xml(document: str) -> str:
    """The same document, XML or HTML, in which no part of a text is a workflow command wherever it is printed."""
    return _HASHES.sub("&#35;", _COLONS.sub("&#58;", document))


def in_json(document: str) -> str:
    """The same data as JSON, without one raw character that hides or controls, and with no workflow command in it."""
    plain = _NOT_IN_JSON.sub(lambda found: _json_escaped(found[0]), document)
    return _HASHES.sub(r"\\u0023", _COLONS.sub(r"\\u003a", plain))


def markdown_code(text: str) -> str:
    """A code span on one line that holds the text: for names, in headings and in cells of a table, too.

    Nothing in a code span is markup, an address or the mention of a user. A `|` would end a cell of a table whatever
    is around it, and parsers do not agree on how to escape it: it is shown as Python would write it.
    """
    shown = on_one_line(for_terminal(text)).replace("|", r"\x7c")
    ticks = "`" * (_longest_run(shown) + 1)
    # Where there is a space at both ends, parsers take one of each away, unless there is nothing else.
    space = " " if not shown or (shown.strip(" ") and (shown[0] in " `" or shown[-1] in " `")) else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def markdown_fence(text: str) -> str:
    """Lines of a code block that holds the text, to be put between empty lines, not into a list or a quotation."""
    shown = for_terminal(text)
    fence = "`" * max(_longest_run(shown) + 1, 3)
    return f"{fence}text\n{shown}\n{fence}\n"


def for_command(text: str) -> str:
    """The message of a workflow command of GitHub's, as its toolkit escapes it."""
    return for_terminal(text).replace("%", "%25").replace("\n", "%0A")


def for_command_property(text: str) -> str:
    """A property of a workflow command of GitHub's, such as `title` or `file`."""
    return for_command(text).replace(":", "%3A").replace(",", "%2C")


def for_csv(text: str) -> str:
    """The text of a cell, for a writer of CSV: no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"\1'", for_terminal(text))


def csv_text(rows: Iterable[Sequence[str | float | None]]) -> str:
    """Rows as CSV: texts neutralised and quoted where they need it, points as in every form, nothing for None."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return for_csv(value) if isinstance(value, str) else number(value)


def _longest_run(text: str) -> int:
    """Of backticks."""
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def _escaped(found: re.Match[str]) -> str:
    return ascii(found[0])[1:-1]


def _json_escaped(character: str) -> str:
    """One character as JSON may write it, in UTF-16."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
