"""Lays text out on a console: safe, indented, wrapped to its width, in characters that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from grader.reports import ci_log, safe

_WIDEST = 100
_NARROWEST = 16
"""Columns that text gets, however narrow the console is."""


@dataclass(frozen=True)
class Glyphs:
    """The characters of our own that are not letters."""

    full: str
    undecided: str
    empty: str
    failed: str
    line: str
    more: str


UNICODE = Glyphs("█", "▒", "░", "✗", "─", "…")
ASCII = Glyphs("#", "?", "-", "x", "-", "...")


class Page:
    """A console, and the ways in which a report writes to it. No text of a result is taken for markup."""

    def __init__(self, console: Console) -> None:
        """Args: console: to write to."""
        self._console = console
        self._safe = safe.for_ci_log if _is_log(console) else safe.for_terminal
        self.width = min(console.width, _WIDEST)
        self.glyphs = ASCII if console.options.ascii_only else UNICODE

    def name(self, raw: str, style: str = "") -> Text:
        """Text of a result, on one line."""
        return Text(safe.on_one_line(self._safe(raw, self._console.encoding)), style, no_wrap=True)

    def cut(self, text: Text, width: int, pad: bool = False) -> Text:
        """The text in at most `width` columns; with `pad` in exactly so many."""
        cut = text.copy()
        cut.truncate(max(width, 1), overflow="crop" if self.glyphs is ASCII else "ellipsis", pad=pad)
        return cut

    def item(self, mark: Text, name: Text, tail: Text) -> None:
        """A name of a list with what belongs to it: on one line where that fits, else below one another, whole."""
        pieces = [Text.assemble(name, " ", tail)]
        room = max(self.width - mark.cell_len, _NARROWEST)
        if pieces[0].cell_len > room:
            pieces = [*name.wrap(self._console, room, overflow="fold", no_wrap=False), tail]
        for piece in pieces:
            self.line(mark, piece)
            mark = Text(" " * mark.cell_len)

    def line(self, *parts: Text | str | tuple[str, str]) -> None:
        """One line of parts that are known to fit; none gives an empty line."""
        self._console.print(Text.assemble(*parts, end=""), soft_wrap=True)

    def block(self, raw: str, indent: int = 0, label: str = "", style: str = "") -> None:
        """Text of a result, of any number of lines, wrapped; its own indentation is kept.

        Args:
            raw: the text as it is in the result.
            indent: columns before it.
            label: put before its first line, within the indentation.
            style: of the text.
        """
        lead = Text(label.ljust(indent), "dim")
        lines = self._safe(raw, self._console.encoding).replace("\t", " ").rstrip().split("\n")
        for number, text in enumerate(lines):
            has_caret = any(_is_caret(near) for near in lines[number : number + 2])
            for piece in self._wrapped(text, indent, style, has_caret):
                self.line(lead, piece)
                lead = Text(" " * indent)

    def picture(self, lines: Sequence[str], indent: int) -> None:
        """Lines of a result that belong below one another, each cut where the page ends.

        Args:
            lines: as they are in the result.
            indent: columns before each.
        """
        for line in lines:
            shown = self.name(line.rstrip())
            self.line(" " * indent, self.cut(shown, self.width - indent))

    def heading(self, raw: str) -> None:
        """The title of a part, with a line to the right edge."""
        title = self.cut(self.name(raw, "bold"), self.width - 6)
        rest = self.glyphs.line * max(self.width - title.cell_len - 4, 2)
        self.line((self.glyphs.line * 2 + " ", "dim"), title, " ", (rest, "dim"))

    def _wrapped(self, line: str, indent: int, style: str, whole: bool) -> list[Text]:
        """One line as several; with `whole` as one, cut if need be, so that a caret below it points to its place."""
        words = line.lstrip(" ")
        own = len(line) - len(words)
        if whole and indent + own >= self.width:
            return []  # a caret below what has been cut away
        hanging = 2 if own and not whole else 0
        own = own if whole else max(min(own, self.width - indent - hanging - _NARROWEST), 0)
        room = max(self.width - indent - own - hanging, 1 if whole else _NARROWEST)
        text = Text(words.rstrip(), style)
        text.highlight_regex(r"`[^`]+`", "cyan")
        first, *others = [self.cut(text, room)] if whole else text.wrap(self._console, room, overflow="fold")
        for piece in (first, *others):
            piece.rstrip()
        return [Text.assemble(" " * own, first), *(Text.assemble(" " * (own + hanging), piece) for piece in others)]


def _is_caret(line: str) -> bool:
    return bool(line.strip()) and not line.strip(" ^~")


def _is_log(console: Console) -> bool:
    """Whether the lines may be read by a CI system that looks for commands in them."""
    return not console.is_terminal or ci_log.in_ci()
