"""Writes docs/attacks.md: for each attack of the test suite what comes out of it, tier by tier.

    python docs/attacks_page.py [--check]

With --check nothing is written; exit status 1 if the file is not what it would be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.attacks.corpus import TIERS, Attack, attacks  # noqa: E402 - the corpus lies among the tests

PAGE = ROOT / "docs" / "attacks.md"
HEAD = """# What a submission may try, and what comes out

Made by `python docs/attacks_page.py` from the heads of `tests/attacks/*/*`; do not edit. Each line is a submission that
the test suite grades for real (`make test`), and `python benchmarks/attacks.py --repeat 20` twenty times in a row. What
it says here comes out, the grader lives, no process and no file is left, no report carries a byte that does anything to
a screen, and the result of the submission that comes next is, byte for byte, what it is alone.

**F**: that test fails. **E**: the exercise fails, with its cause named. **R**: refused at intake. **N**: no effect; the
submission has the points that the honest part of it is worth.

*not held*: the tier cannot prevent it, and the test suite shows that it gets through. *open*: a fault of ours; what
comes out today is not what must.
"""
TITLES = {
    "leaving": "Leaving before it is over",
    "tampering": "Tampering with what judges it",
    "forging": "Forging evidence and messages",
    "processes": "Processes, threads and signals",
    "resources": "Using up the machine",
    "files": "Files, archives and names",
    "hijack": "Being executed by the grader",
    "output": "Output that is more than text",
    "secrets": "Secrets and networks",
}


def render(found: list[Attack]) -> str:
    """The page as Markdown."""
    parts = [HEAD, *_gaps("What a tier does not hold", "not held", found), *_gaps("What is open", "open", found)]
    for category in dict.fromkeys([*TITLES, *(attack.category for attack in found)]):
        columns = f"| attack | what it tries | {' | '.join(TIERS)} |\n|---|---|{'---|' * len(TIERS)}"
        parts.append(f"\n## {TITLES[category]}\n\n{columns}")
        parts += [_row(attack) for attack in found if attack.category == category]
    return "\n".join(parts) + "\n"


def _gaps(title: str, key: str, found: list[Attack]) -> Iterator[str]:
    """The attacks for which one of the tiers has an entry of this kind, by the words of it."""
    entries: dict[tuple[str, str], list[str]] = {}
    for attack in found:
        for tier in TIERS:
            if words := attack.at(tier, key):
                entries.setdefault((tier, words), []).append(f"`{attack.name}`")
    if entries:
        yield f"\n## {title}\n"
    for tier in TIERS:
        yield from (f"- `{at}`: {words}: {', '.join(names)}" for (at, words), names in entries.items() if at == tier)


def _row(attack: Attack) -> str:
    cells = [f"`{attack.name.partition('/')[2]}`", attack.fields["tries"], *(_cell(attack, tier) for tier in TIERS)]
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _cell(attack: Attack, tier: str) -> str:
    marks = [f"*{key}*" for key in ("not held", "open") if attack.at(tier, key)]
    return " ".join([attack.at(tier, "outcome"), *marks])


def _text(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    """Writes or checks; 1 if the file is not as it should be."""
    text = render(attacks())
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if stale:
        print(f"{PAGE.relative_to(ROOT)} is out of date: run `python docs/attacks_page.py`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
