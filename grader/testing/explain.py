"""Words for what went wrong: each function gives a reason for the student, and the evidence for it."""

from __future__ import annotations

import difflib
import signal
from collections.abc import Mapping
from typing import Any

from grader import wire
from grader.testing.source import Source
from grader.testing.values import Raised, Refused
from grader.testing.watch import Limits

Told = tuple[str, dict[str, Any]]

_SHOWN_THREADS = 4
CONNECTION_BROKEN = 70
"""The exit status of a student process in which the harness itself cannot go on."""


def gave_up(
    why: str,
    what: str,
    stacks: list[wire.ThreadStack],
    source: Source,
    limits: Limits,
    waits: Mapping[int, str],
) -> Told:
    """The test waited for `what` in vain, because of `why`; `waits`: for what each thread does, by its number."""
    described = [(stack, source.describe(stack)) for stack in stacks]
    threads = [told | {"waits_for": waits.get(stack.thread, "")} for stack, told in described if told is not None]
    said = {
        "stuck": "Your program is stuck: every thread of it waits, and nothing is left that could wake one.",
        "runaway": f"Your program computes without end: {limits.cpu_seconds:g} s of CPU with no answer.",
        "idle": "Your program only sleeps and polls, and what it looks for never comes.",
        "endless": "Your program says something now and then, works or sleeps in between, and never comes to an end.",
        "bomb": f"Your program has started more than {limits.processes} threads or processes.",
        "memory": f"Your program uses more than {limits.memory_mib} MiB of memory.",
    }[why]
    lines = [f"The test waited for {what}. {said}"]
    lines += [f"  {_names(names)}: {place}" for place, names in _by_place(threads).items()]
    if not threads and stacks:
        lines.append("  No thread is in your code any more.")
    return "\n".join(lines), {"kind": why, "waited_for": what, "threads": threads}


def over_too_soon(what: str, name: str, raised: Raised | None, source: Source) -> Told:
    """The test waited for `what`, but the call it had begun was over."""
    if raised is None:
        return f"The test waited for {what}. But `{name}` had returned.", {"kind": "returned", "waited_for": what}
    reason, evidence = unexpected_exception(name, raised, source)
    return f"The test waited for {what}. But {reason}", evidence | {"waited_for": what}


def out_of_memory(limits: Limits) -> Told:
    """The kernel has ended a process of the jail for want of memory."""
    return f"Your program uses more than {limits.memory_mib} MiB of memory.", {"kind": "memory"}


def _by_place(threads: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The names of the threads that are at each place."""
    places: dict[str, list[str]] = {}
    for told in threads:
        places.setdefault(_place(told), []).append(str(told["thread"]))
    return places


def _names(names: list[str]) -> str:
    more = len(names) - _SHOWN_THREADS
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:_SHOWN_THREADS])} and {more} more"


def _place(told: dict[str, Any]) -> str:
    frame = told["frames"][-1]
    doing = told["waits_for"]
    text = f"{frame['file']} line {frame['line']}, in {frame['function']}"
    if frame["source"]:
        text += f": `{frame['source']}`"
    return f"{text} - {doing}" if doing else text


def unexpected_exception(name: str, raised: Raised, source: Source) -> Told:
    """A call that had to return raised."""
    evidence = {"kind": "exception", "type": raised.type_name, "line": raised.line}
    where = f" ({source.name_line(raised.line)})" if raised.line else ""
    if raised.type_name == "NotImplementedError":
        return f"`{name}` is not implemented yet{where}", evidence
    if raised.type_name == "SystemExit":
        return f"`{name}` ended the program with `sys.exit()`{where}; return or raise instead", evidence
    if raised.is_a(EOFError) and "reading a line" in raised.message:
        return f"`{name}` asks for keyboard input with `input()`{where}; there is nobody to type", evidence
    return f"`{name}` raised {_short(raised)}{where}", evidence


def _short(raised: Raised) -> str:
    message = " ".join(raised.message.split())[:200]
    return f"{raised.type_name}: {message}" if message else raised.type_name


def import_failed(raised: Raised, source: Source) -> Told:
    """The submission's module could not be executed."""
    evidence: dict[str, Any] = {"kind": "import", "type": raised.type_name, "line": raised.line}
    file = source.path.name
    if raised.syntax is not None:
        refused = raised.syntax
        evidence["line"] = refused.line
        return f"{refused.file} line {refused.line}: {raised.type_name}: {refused.message}{_shown(refused)}", evidence
    where = f" ({source.name_line(raised.line)})" if raised.line else ""
    if raised.type_name == "SystemExit":
        return f"{file} calls `sys.exit()` while it is imported{where}; only define things at the top level", evidence
    if raised.is_a(EOFError) and "reading a line" in raised.message:
        return f"{file} asks for keyboard input with `input()` while it is imported{where}", evidence
    if raised.is_a(ModuleNotFoundError):
        return f"{file} cannot be imported: {_short(raised)}{where}; only the standard library is there", evidence
    return f"{file} cannot be imported: {_short(raised)}{where}", evidence


def _shown(refused: Refused) -> str:
    """The line that the parser refused, with a mark below the place."""
    text = refused.text.expandtabs().rstrip()
    if not text.strip():
        return ""
    before = refused.text[: refused.column - 1].expandtabs()
    mark = f"\n    {' ' * len(before)}^" if 0 < refused.column <= len(refused.text) + 1 else ""
    return f"\n    {text}{mark}"


_FAULTS = {
    "not callable": "`{name}` is not a function but a value of type `{seen}`",
    "a class": "`{name}` must be a function; it is a class",
    "not a class": "`{name}` must be a class; it is a `{seen}`",
    "async": "`{name}` is declared with `async def`; a plain function that uses threads is asked for",
    "generator": "`{name}` contains `yield`, so calling it runs nothing; use `return`",
}


def names_wrong(faults: Any, source: Source) -> Told:
    """The module lacks names of the exercise, or has something else under them."""
    lines = []
    for fault in faults:
        name, seen = str(fault["name"]), str(fault["seen"])
        if fault["fault"] == "missing":
            near = difflib.get_close_matches(name, seen.split(), n=1, cutoff=0.6)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            lines.append(f"{source.path.name} defines no `{name}`{hint}")
        else:
            lines.append(_FAULTS.get(str(fault["fault"]), "`{name}` cannot be used").format(name=name, seen=seen))
    return "\n".join(lines), {"kind": "names", "faults": faults}


def process_died(status: int | None, running: list[str], output: str, source: Source) -> Told:
    """The student process is gone before it answered."""
    doing = f" during `{running[0]}`" if running else ""
    evidence: dict[str, Any] = {"kind": "died", "status": status}
    if status is not None and status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        line = _crash_line(output, source)
        where = f" ({source.name_line(line)})" if line else ""
        evidence |= {"signal": name, "line": line}
        return f"Your program was ended by {name}{doing}{where}", evidence
    if status == CONNECTION_BROKEN:
        return (
            f"Your program broke what connects it with the test{doing}: it has closed files that it did not open, "
            "replaced builtins, or become another program"
        ), evidence | {"kind": "broken connection"}
    return (
        f"Your program ended itself{doing} with exit status {status or 0} before it answered "
        "(`os._exit`?); return or raise instead"
    ), evidence


def _crash_line(output: str, source: Source) -> int | None:
    """The first line of the submission that faulthandler's report names."""
    for text in output.splitlines():
        head, _, tail = text.partition(f'File "{source.inner}", line ')
        number = tail.split(" ")[0]
        if head.strip() == "" and number.isdecimal() and len(number) < 8:  # text of the student's, in the end
            return int(number)
    return None
