"""Gradescope's export of submissions: `submission_<id>/` and, beside them, who handed them in and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from grader.batch.attempts import Attempt, BatchError, Collection
from grader.batch.formats.layout import entries, numbered

METADATA = "submission_metadata.yml"


class Gradescope:
    """`submission_<id>/` with `submission_metadata.yml`."""

    name = "gradescope"
    description = f"an export of Gradescope: submission_<id>/ and {METADATA}"

    def recognise(self, folder: Path) -> str:
        """By the metadata."""
        return f"there is a {METADATA}" if (folder / METADATA).is_file() else ""

    def find(self, folder: Path, exercises: Sequence[str]) -> Collection:
        """One attempt for each submitter of each submission: a group's counts for all of it."""
        known = _metadata(folder / METADATA)
        found: list[Attempt] = []
        doubtful: list[str] = []
        ignored: list[str] = []
        for path in entries(folder)[0]:
            if path.name == METADATA:
                continue
            about = known.pop(path.name, None)
            if about is None:
                (doubtful if path.name.startswith("submission_") else ignored).append(
                    f"{path.name}: {METADATA} does not tell whose it is; add it there, or remove it"
                )
                continue
            submitters = _submitters(about)
            if not submitters:
                doubtful.append(f"{path.name}: {METADATA} names no submitter; add one, or remove it")
            when = _time(about.get(":created_at", about.get("created_at")))
            for ids in submitters:
                student = ids.get("email", "").casefold() or ids.get("sid") or ids["name"]
                found.append(Attempt(student, path.name, path, when=when, ids=ids))
        doubtful += [f"{name}: {METADATA} lists it, but it is not there; download it again" for name in known]
        return numbered(found, doubtful, ignored)


class _Loader(yaml.SafeLoader):
    """Safe, and unmoved by Ruby's own tags."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _untagged)
_Loader.add_multi_constructor("tag:", _untagged)


def _metadata(file: Path) -> dict[str, dict[str, Any]]:
    try:
        read = yaml.load(file.read_bytes(), Loader=_Loader)
    except OSError as error:
        raise BatchError(f"{file.name}: cannot be read ({error.strerror}); download the export again") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f"{file.name}:{line + 1}" if line is not None else file.name
        raise BatchError(f"{place}: cannot be read as YAML ({type(error).__name__}); download it again") from None
    if not isinstance(read, dict) or not all(isinstance(about, dict) for about in read.values()):
        raise BatchError(f"{file.name}: does not map submissions to what is known of them; download it again")
    return {str(name): about for name, about in read.items()}


def _submitters(about: dict[str, Any]) -> list[dict[str, str]]:
    listed = about.get(":submitters", about.get("submitters")) or []
    found = []
    for one in listed if isinstance(listed, list) else []:
        ids = {
            kind: str(one.get(f":{kind}", one.get(kind))).strip()
            for kind in ("name", "email", "sid")
            if isinstance(one, dict) and one.get(f":{kind}", one.get(kind)) not in (None, "")
        }
        if ids:
            found.append(ids)
    return found


def _time(value: Any) -> datetime | None:
    if isinstance(value, dict):
        value = value.get("utc")  # an object of Ruby on Rails
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)  # YAML drops the zone of a time in UTC
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
