"""The corpus of attacks: finds them, reads what their heads say must come out, and lays them out as submissions.

An attack is `<category>/<name>.py`, handed in as it is under the name of its exercise; or a folder `<category>/<name>/`
that is the submission; or `<category>/<name>.build.py`, whose `build(folder)` makes the submission in an empty folder
(files that no repository should hold) and returns its path. Its comment lines at the top say:

    # tries: what it tries, for the reader
    # outcome: F that test fails, E the exercise fails with its cause named, R refused at intake, N no effect
    # exercise: of the pack that ships, or `twice`, a miniature with races; without it, the miniature `double`
    # fails: tests that must fail, the others must pass; without it, all of them (F) or none (N)
    # passes: tests that must pass, the others must fail; in place of `fails`
    # reason: words that the reason must hold; several lines are several reasons, each for at least one test
    # says: words that the notes or what is told of the exercise must hold
    # flag: words of the flag that the attempt must be given
    # not held: why a tier cannot prevent it; then what comes out is what the head says, and `REACHED` is printed
    # leaves: a path that the attempt leaves behind where it is not held
    # open: what the product does today instead of what it must; to be removed with the fault

Each key may name a tier: `# not held at limits: ...` counts there in place of `# not held: ...`. A line that starts
with no key goes on with the line before.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.jail.tiers import SHIPPED

HERE = Path(__file__).parent
MINIATURE, RACES = "double", "twice"
"""Exercises of the miniature courses: the latter is tested in the controlled world."""

TIERS = tuple(tier.name for tier in SHIPPED if tier.name != "none")
"""Those that an attack is run at, strongest first; `none` promises nothing."""

_KEYS = ("tries", "outcome", "exercise", "fails", "passes", "reason", "says", "flag", "not held", "leaves", "open")
_OUTCOMES = {"F": "the test fails", "E": "the exercise fails", "R": "refused", "N": "no effect"}


class HeadError(Exception):
    """An attack's head cannot be used; the message names file and remedy."""


@dataclass(frozen=True)
class Attack:
    """One attack, and what must come out of it."""

    path: Path
    fields: Mapping[str, str]
    """What the head says, by key, `at TIER` included; several reasons are separated by a newline."""

    @property
    def name(self) -> str:
        """Category and name: `leaving/exits_at_import`."""
        return f"{self.category}/{self.path.name.split('.')[0]}"

    @property
    def category(self) -> str:
        """The folder it lies in."""
        return self.path.parent.name

    @property
    def exercise(self) -> str:
        """The exercise it is handed in for."""
        return self.fields.get("exercise", MINIATURE)

    @property
    def says_so(self) -> bool:
        """Whether it tells if it gets at what it should not."""
        return self.path.is_file() and 'print("REACHED"' in self.path.read_text(encoding="utf-8")

    def at(self, tier: str, key: str) -> str:
        """What the head says of `key` at a tier; empty if nothing.

        What a tier cannot hold is no fault, and nobody there to flag it, unless that is said of this very tier.
        """
        if key in ("open", "flag") and self.at(tier, "not held"):
            return self.fields.get(f"{key} at {tier}", "")
        return self.fields.get(f"{key} at {tier}", self.fields.get(key, ""))

    def names(self, tier: str, key: str) -> list[str]:
        """The same as a list, where it is one."""
        text = self.at(tier, key)
        return [part.strip() for part in text.split("\n" if key == "reason" else ",") if part.strip()]

    def lay_out(self, folder: Path) -> Path:
        """Makes the submission in an empty folder; gives its path."""
        if self.path.is_dir():
            shutil.copytree(self.path, folder, dirs_exist_ok=True, symlinks=True)
            return folder
        if self.path.name.endswith(".build.py"):
            return _built(self.path, folder)
        return Path(shutil.copy2(self.path, folder / f"{self.exercise}.py"))


def attacks() -> list[Attack]:
    """All attacks, by category and name.

    Raises:
        HeadError: the head of one cannot be used.
    """
    found = []
    for category in sorted(entry for entry in HERE.iterdir() if entry.is_dir() and not entry.name.startswith("__")):
        for path in sorted(category.iterdir()):
            if path.is_dir() and path.name != "__pycache__":
                found.append(Attack(path, read_head(_main_file(path))))
            elif path.suffix == ".py":
                found.append(Attack(path, read_head(path)))
    return found


def read_head(file: Path) -> dict[str, str]:
    """The comment lines at the top of a file, by key.

    Raises:
        HeadError: `tries` or `outcome` is missing, or a key or an outcome is none.
    """
    fields: dict[str, str] = {}
    key = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        text = line.lstrip("# ").rstrip()
        head, colon, rest = text.partition(":")
        if colon and head.partition(" at ")[0] in _KEYS:
            if (tier := head.partition(" at ")[2]) and tier not in TIERS:
                raise HeadError(f"{file}: `{line}` names a tier that is none of {', '.join(TIERS)}")
            key, between = head, "\n" if head in fields else ""
            text = rest.strip()
        elif key:
            between = " "
        else:
            raise HeadError(f"{file}: `{line}` begins with no key; there are {', '.join(_KEYS)}")
        fields[key] = f"{fields.get(key, '')}{between}{text}".strip()
    if "tries" not in fields:
        raise HeadError(f"{file}: the head has no `# tries: ...` line; add it")
    for key, outcome in fields.items():
        if key.startswith("outcome") and outcome not in _OUTCOMES:
            raise HeadError(f"{file}: outcome {outcome!r} is none of {', '.join(_OUTCOMES)}")
    if "outcome" not in fields:
        raise HeadError(f"{file}: the head has no `# outcome: ...` line; add it")
    return fields


def _main_file(folder: Path) -> Path:
    """The one that carries the head: any whose first line says what it tries."""
    for path in sorted(folder.rglob("*.py")):
        if path.read_text(encoding="utf-8").startswith("# tries:"):
            return path
    raise HeadError(f"{folder}: no file in it begins with a `# tries: ...` line; add it")


def _built(builder: Path, folder: Path) -> Path:
    spec = importlib.util.spec_from_file_location("attack_builder", builder)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Path(module.build(folder) or folder)
