"""Makes the story of a recorded run: picks the events that matter, and names things as the student does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ANY = "any part"
"""Stands for all of a container, or for a place that has no parts."""

_MOST_ROWS = 40
_FAR_TOO_MANY = 400
_FIRST, _LAST, _NEAR = 4, 12, 2
_MOST_DONE, _FIRST_DONE, _LAST_DONE = 8, 5, 2
_LONGEST = 160
_MOST_WAITS = 20
Clock = dict[int, int]


class Touch(NamedTuple):
    """An access to a place."""

    group: Hashable
    part: Hashable
    writes: bool


@dataclass(eq=False, slots=True)
class Event:
    """Something that a task has done."""

    task: int
    file: str
    line: int
    before: str
    number: int | None = None
    """Of the modelled object that it is about."""
    name: str = ""
    """The student's name for that object."""
    after: str = ""
    always: bool = False
    """Whether it is told in any case."""
    clock: Clock = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    contents: list[Touch] = field(default_factory=list)
    """To what lies in the value that it reads."""
    node: Any = None
    code: Any = None
    site: Any = None
    """Which instruction of the program brought it about: see `sites.site_of`."""
    superseded: bool = False
    """Whether the next event tells as much, and more."""


class Clocks:
    """What each task can know of the others: who started or joined whom (vector clocks)."""

    def __init__(self) -> None:
        self._clocks: dict[int, Clock] = {}

    def of(self, task: int) -> Clock:
        """Not to be changed."""
        return self._clocks.setdefault(task, {task: 1})

    def started(self, by: int | None, task: int) -> None:
        """`task` knows what its starter did before."""
        known = {} if by is None else self.of(by)
        self._clocks[task] = {**known, task: 1}
        if by is not None:
            self._clocks[by] = {**known, by: known[by] + 1}

    def joined(self, by: int, task: int) -> None:
        """`by` knows what the other has done until its end."""
        mine, other = self.of(by), self.of(task)
        both = {key: max(mine.get(key, 0), other.get(key, 0)) for key in {**mine, **other}}
        self._clocks[by] = {**both, by: both[by] + 1}


class Names:
    """What modelled objects are called, and by which tasks they are used."""

    def __init__(self) -> None:
        self._names: dict[int, dict[str, None]] = defaultdict(dict)
        self._latest: dict[tuple[int, int], str] = {}
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._kinds: dict[int, str] = {}
        self.users: dict[Hashable, set[int]] = defaultdict(set)
        self.needed: set[Hashable] = set()
        """What is waited for at the end."""

    def give(self, number: int | None, kind: str, task: int, name: str) -> None:
        """A task calls an object by a name; an empty one is none."""
        if number is None:
            return
        self._kinds[number] = kind
        if name:
            self._names[number][name] = None
            self._latest[number, task] = name
            self._numbers[name].add(number)

    def used(self, group: Hashable, task: int) -> None:
        """A task uses something."""
        self.users[group].add(task)

    def quoted(self, number: int | None, kind: str, task: int) -> str:
        """The name in quotes, with a number if it is not clear."""
        return self._called(number, kind, task, "", "`")

    def plain(self, event: Event) -> str:
        """The name in an event."""
        kind = self._kinds.get(event.number or 0, "")
        return self._called(event.number, kind, event.task, event.name, "")

    def _called(self, number: int | None, kind: str, task: int, name: str, quote: str) -> str:
        if number is None:
            return name or kind
        names = self._names.get(number, {})
        name = name or self._latest.get((number, task)) or next(iter(names), "")
        numbered = f"{kind or 'object'} {number}"
        if not name:
            return numbered
        clear = len(names) <= 1 and len(self._numbers[name]) <= 1
        return f"{quote}{name}{quote}" + ("" if clear else f" ({numbered})")


def story(
    tasks: list[str], events: list[Event], names: Names, waits: list[dict[str, Any]], error: list[Any] | None
) -> dict[str, Any]:
    """The story as plain data: rows, who waits for what, and the exception that ended it."""
    rows: list[dict[str, Any]] = []
    for event in that_matter(events, names):
        _tell(event, names, rows)
    for row in rows:
        done = row["did"]
        if len(done) > _MOST_DONE:
            row["did"] = [*done[:_FIRST_DONE], "...", *done[-_LAST_DONE:]]
    return {
        "tasks": [str.__getitem__(name, slice(80)) for name in tasks],
        "rows": _shortened(rows),
        "waits": waits[:_MOST_WAITS],
        "error": error,
    }


def that_matter(events: list[Event], names: Names) -> list[Event]:
    """The events of a story: those about what threads share, and how threads begin and end."""
    matter = _that_matter(events, names)
    return [
        event
        for event in unsurpassed(events)
        if event.always or any(touch in matter for touch in [*event.touches, *event.contents])
    ]


def unsurpassed(events: list[Event]) -> list[Event]:
    """The events without those after which the next one tells as much, and more."""
    following: list[Event | None] = [*events[1:], None]
    return [
        event
        for event, other in zip(events, following, strict=False)
        if not (event.superseded and other is not None and other.task == event.task)
    ]


def worded(event: Event, names: Names) -> str:
    """What an event is, in words."""
    what = "" if event.number is None else names.plain(event)
    return f"{event.before}{what}{event.after}"[:_LONGEST]


def _tell(event: Event, names: Names, rows: list[dict[str, Any]]) -> None:
    text = worded(event, names)
    place = {"task": event.task, "file": event.file, "line": event.line}
    if rows and all(rows[-1][key] == value for key, value in place.items()):
        if rows[-1]["did"][-1] != text:
            rows[-1]["did"].append(text)
    else:
        rows.append({**place, "did": [text]})


def _shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many rows: the first, the last, and where threads take turns."""
    if len(rows) <= _MOST_ROWS:
        return rows
    kept = {*range(_FIRST), *range(len(rows) - _LAST, len(rows))}
    kept |= {at for at, row in enumerate(rows) if any(did.startswith("raises ") for did in row["did"])}
    if len(rows) > _FAR_TOO_MANY:
        kept |= set(range(len(rows) - _LAST - _FIRST, len(rows)))
    turns = [at for at in range(1, len(rows)) if rows[at]["task"] != rows[at - 1]["task"]]
    for at in reversed(turns if len(rows) <= _FAR_TOO_MANY else []):
        near = kept | set(range(at - _NEAR, at + _NEAR))
        if len(near) > _MOST_ROWS - 4:
            break
        kept = near
    short: list[dict[str, Any]] = []
    for at, row in enumerate(rows):
        if at in kept:
            short.append(row)
        elif short and "elided" in short[-1]:
            short[-1]["elided"] += 1
        else:
            short.append({"elided": 1})
    return short


# --- what matters ----------------------------------------------------------------------------------


def _that_matter(events: list[Event], names: Names) -> set[Touch]:
    """The accesses to places where tasks are in conflict: one writes, and neither start nor join gives an order."""
    by_group: dict[Hashable, dict[Touch, list[tuple[int, Clock]]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        for touch in (*event.touches, *event.contents):
            by_group[touch.group][touch].append((event.task, event.clock))
    found: set[Touch] = set()
    for group, touches in by_group.items():
        if isinstance(group, tuple) and group[0] == "used":
            users = names.users[group] | {task for whom in touches.values() for task, _ in whom}
            if len(users) > 1 or group in names.needed:
                found.update(touches)
        else:
            found.update(_in_conflict(touches))
    for group in _held_meanwhile(events, found):
        found.update(by_group[group])
    return found


def _held_meanwhile(events: list[Event], matter: set[Touch]) -> Iterator[Hashable]:
    """The locks under which a task did what matters: it may be the wrong one, that nobody else uses."""
    held: dict[int, set[Hashable]] = defaultdict(set)
    for event in events:
        used = [touch.group for touch in event.touches if isinstance(touch.group, tuple) and touch.group[0] == "used"]
        if not used:
            if any(touch in matter for touch in [*event.touches, *event.contents]):
                yield from held[event.task]
        elif event.before == "takes ":
            held[event.task].update(used)
        elif event.before == "gives back ":
            held[event.task].difference_update(used)


def _in_conflict(touches: dict[Touch, list[tuple[int, Clock]]]) -> set[Touch]:
    """Those to parts for which there is a conflict; and all that overlap with them."""
    times = {touch: _distinct(whom) for touch, whom in touches.items()}
    found: set[Touch] = set()
    for one in times:
        for other in times:
            if (one.writes or other.writes) and _overlap(one, other) and _unordered(times[one], times[other]):
                found.update((one, other))
    return {touch for touch in touches if any(_overlap(touch, other) for other in found)}


def _overlap(one: Touch, other: Touch) -> bool:
    return one.part == other.part or ANY in (one.part, other.part)


def _distinct(whom: list[tuple[int, Clock]]) -> list[tuple[int, Clock]]:
    return list({(task, clock.get(task, 0)): (task, clock) for task, clock in whom}.values())


def _unordered(ones: list[tuple[int, Clock]], others: list[tuple[int, Clock]]) -> bool:
    return any(
        task != other and then.get(task, 0) < now.get(task, 0) and now.get(other, 0) < then.get(other, 0)
        for task, now in ones
        for other, then in others
    )
