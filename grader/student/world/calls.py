"""Says what a call on a modelled object does, for people: "takes", "gives back", "puts 3 into"."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.student.world.conditions import Barrier, Condition, Event, Semaphore
from grader.student.world.locks import Lock, RLock
from grader.student.world.looks import shown, vars_of
from grader.student.world.queues import LifoQueue, Queue, SimpleQueue
from grader.student.world.scheduler import Task
from grader.student.world.threads import Thread

Said = tuple[str, str]
"""What stands before the object's name, and after it."""

_TAKES = frozenset({"acquire", "__enter__", "acquire_lock"})
_GIVES = frozenset({"release", "__exit__", "release_lock"})


@dataclass(frozen=True)
class Step:
    """One point or wait of a call on a modelled object, at the moment when it is done."""

    thing: Any
    method: str
    """The outermost method of the object, as it is called."""
    me: Task
    waited: str | None = None
    """What `wait` was told; None: it was a mere point."""
    came: bool = True
    """What `wait` gave: whether that came about."""
    item: str | None = None
    """What is put into a queue."""


def said(step: Step) -> Said | None:
    """What the step does; None: nothing worth telling."""
    for kind, say in _SAYS:
        if issubclass(type(step.thing), kind):
            return say(step)
    return ("calls ", f".{step.method}") if step.waited is None else None


def owner_of(thing: Any) -> Task | None:
    """The task that holds a lock, or the lock of a condition."""
    if issubclass(type(thing), (Condition, Queue)):
        thing = vars_of(thing).get("_lock" if issubclass(type(thing), Condition) else "mutex")
    owner = vars_of(thing).get("owner") if issubclass(type(thing), (Lock, RLock)) else None
    return owner if type(owner) is Task else None


def _lock(step: Step) -> Said | None:
    if step.method in _TAKES:
        if step.waited is not None:
            return ("takes ", "") if step.came else ("waits in vain for ", "")
        free = owner_of(step.thing) in (None, step.me) and not (type(step.thing) is Lock and step.thing._locked)
        return ("takes ", "") if free else ("does not get ", f", held by {_holder(step.thing)}")
    if step.method in _GIVES:
        return "gives back ", ""
    if step.method == "locked":
        return "looks at ", ": it is " + ("locked" if _of(step.thing, "_locked") else "free")
    return None


def _holder(thing: Any) -> str:
    owner = owner_of(thing)
    return owner.name if owner is not None else "nobody"


def _condition(step: Step) -> Said | None:
    if step.method in _TAKES or step.method in _GIVES:
        return ("gives back ", "") if step.method in _GIVES else ("takes ", "")
    if step.method in ("wait", "wait_for"):
        if step.waited is None:
            return "waits on ", " and gives back its lock"
        if step.waited == "wait":
            return ("is notified on ", "") if step.came else ("waits in vain on ", "")
        return "takes ", " again"
    waiters = _of(step.thing, "_waiters")
    number = len(waiters) if type(waiters) is list else 0
    who = "nobody waits there" if not number else f"{number} wait{'s' * (number == 1)} there"
    return ("notifies all on " if step.method == "notify_all" else "notifies one on "), f": {who}"


def _semaphore(step: Step) -> Said | None:
    value = _of(step.thing, "_value")
    if type(value) is not int:
        return None
    if step.method in _TAKES:
        taken = step.came if step.waited is not None else value > 0
        return ("takes a permit of ", f": {value - 1} left") if taken else ("gets no permit of ", "")
    if step.method in _GIVES:
        return "gives a permit back to ", f": {value + 1} there"
    return None


def _event(step: Step) -> Said | None:
    if step.method == "wait":
        return ("goes on, as it sees ", " set") if step.came else ("waits in vain for ", "")
    if step.method == "is_set":
        return "looks at ", ": it is " + ("set" if _of(step.thing, "_flag") else "not set")
    return {"set": ("sets ", ""), "clear": ("clears ", "")}.get(step.method)


def _barrier(step: Step) -> Said | None:
    if step.method != "wait":
        return "calls ", f".{step.method}"
    if step.waited is None:
        return "comes to ", f": {_number(step.thing, '_count') + 1} of {_number(step.thing, '_parties')} are there"
    return ("goes on from ", "") if step.came else ("waits in vain at ", "")


def _queue(step: Step) -> Said | None:
    items = _of(step.thing, "_items" if issubclass(type(step.thing), SimpleQueue) else "queue")
    held = len(items) if type(items) in (list, deque) else None
    limit = _number(step.thing, "maxsize")
    if step.method in ("put", "put_nowait"):
        full = held is not None and 0 < limit <= held
        return ("finds ", " full") if full else (f"puts {step.item or 'an item'} into ", "")
    if step.method in ("get", "get_nowait"):
        if held == 0:
            return "finds ", " empty"
        item = None if not held else items[-1] if issubclass(type(step.thing), LifoQueue) else items[0]
        return f"gets {shown(item) if held else 'an item'} from ", ""
    if step.method in ("empty", "full", "qsize") and held is not None:
        answer = {"empty": not held, "full": 0 < limit <= held, "qsize": held}[step.method]
        return "asks ", f".{step.method}(): {answer}"
    if step.method == "task_done":
        return "calls ", f".task_done(): {_number(step.thing, 'unfinished_tasks') - 1} left"
    return ("sees all tasks of ", " done") if step.method == "join" else ("calls ", f".{step.method}")


def _thread(step: Step) -> Said | None:
    if step.method == "start":
        return "starts ", ""
    if step.method == "join":
        return ("sees the end of ", "") if step.came else ("waits in vain for ", " to end")
    if step.method == "is_alive":
        task = _of(step.thing, "_world_task")
        runs = type(task) is Task and not task.done
        return "looks at ", ": it " + ("runs" if runs else "does not run")
    return None


_SAYS: tuple[tuple[type | tuple[type, ...], Callable[[Step], Said | None]], ...] = (
    ((Lock, RLock), _lock),
    (Condition, _condition),
    (Semaphore, _semaphore),
    (Event, _event),
    (Barrier, _barrier),
    ((Queue, SimpleQueue), _queue),
    (Thread, _thread),
)


def lacks(kind: str, thing: Any) -> Said:
    """What a task waits for that waits in the call `kind` of a modelled object."""
    if issubclass(type(thing), (Lock, RLock)) or (kind == "acquire" and issubclass(type(thing), (Condition, Queue))):
        return ("lock " if issubclass(type(thing), (Lock, RLock)) else "the lock of "), f", held by {_holder(thing)}"
    if issubclass(type(thing), Condition):
        return "somebody to notify it on ", ""
    if issubclass(type(thing), Semaphore):
        return "a permit of ", ": none is left"
    if issubclass(type(thing), Event):
        return "somebody to set ", ""
    if issubclass(type(thing), Barrier):
        return "the others at ", f": {_number(thing, '_count')} of {_number(thing, '_parties')} are there"
    if issubclass(type(thing), Thread):
        return "the end of ", ""
    if issubclass(type(thing), (Queue, SimpleQueue)):
        left = _number(thing, "unfinished_tasks")
        return {
            "get": ("an item in ", ": it is empty"),
            "put": ("room in ", ": it is full"),
            "join": ("all tasks of ", f" to be done: {left} left"),
        }.get(kind, ("", ""))
    return "", f", in {kind}"


def _of(thing: Any, name: str) -> Any:
    return vars_of(thing).get(name)


def _number(thing: Any, name: str) -> int:
    value = _of(thing, name)
    return value if type(value) is int else 0
