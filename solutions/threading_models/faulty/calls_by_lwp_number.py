# wrong: calls that complete together are taken by the number of their LWP, not of their thread
# fails: test_calls_that_complete_come_first

"""Threading models as pure functions from one world to the next: nothing is ever changed."""

from __future__ import annotations

from functools import reduce
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Operation: TypeAlias = tuple[str] | tuple[str, int] | tuple[str, str]


@dataclass(frozen=True)
class Result:
    """What a simulation gives. Times and costs are whole ticks; lists hold one item a thread."""

    makespan: int
    completion: list[int | None]
    ready: list[int]
    io: list[int]
    lock: list[int]
    user_switches: int
    kernel_switches: int
    mode_switches: int
    overhead: int
    gantt: list[str]
    deadlock: int | None = None


class Rules(NamedTuple):
    kernel: bool
    act: bool
    lwps: int
    user_switch: int
    kernel_switch: int
    quantum: int | None


class T(NamedTuple):  # a thread
    todo: tuple
    left: int = 0
    place: str = "ready"
    lwp: int | None = None
    until: int | None = None
    end: int | None = None
    ready: int = 0
    io: int = 0
    lock: int = 0


class L(NamedTuple):  # an LWP
    thread: int | None = None
    last: int | None = None
    parked: bool = False


class C(NamedTuple):  # a CPU
    lwp: int | None = None
    last: int | None = None
    switching: int = 0
    used: int = 0
    line: str = ""


class World(NamedTuple):
    rules: Rules
    now: int
    T: tuple
    L: tuple
    C: tuple
    U: tuple
    R: tuple
    locks: tuple = ()  # of (name, (owner, first waiter, ...))
    us: int = 0
    ks: int = 0
    ms: int = 0


def put(w, kind, i, **changes):
    row = getattr(w, kind)
    return w._replace(**{kind: row[:i] + (row[i]._replace(**changes),) + row[i + 1 :]})


def into_u(w, t):
    return put(w, "T", t, place="ready", lwp=None)._replace(U=w.U + (t,))


def into_r(w, lwp):
    w = w._replace(R=w.R + (lwp,))
    t = w.L[lwp].thread
    return w if t is None else put(w, "T", t, place="ready")


def crossing(w):
    return w._replace(ms=w.ms + 2)


def queue_of(w, name):
    return next((queue for key, queue in w.locks if key == name), ())


def with_queue(w, name, queue):
    others = tuple(pair for pair in w.locks if pair[0] != name)
    return w._replace(locks=others + ((name, queue),))


def wake(w):
    coming = sum(w.L[lwp].thread is None for lwp in w.R)
    if len(w.U) <= coming:
        return w
    if w.rules.act and sum(c.lwp is not None for c in w.C) + len(w.R) >= w.rules.lwps:
        return w
    lwp = next((i for i, lwp in enumerate(w.L) if lwp.parked), None)
    if lwp is not None:
        return wake(into_r(put(w, "L", lwp, parked=False), lwp))
    if w.rules.act:
        return wake(into_r(w._replace(L=w.L + (L(),)), len(w.L)))
    return w


def off(w, c):
    return put(w, "C", c, lwp=None)


def fetch(w, c):
    """The LWP on CPU c takes U's head or parks."""
    lwp = w.C[c].lwp
    if not w.U:
        return off(put(w, "L", lwp, thread=None, parked=True), c)
    t, last = w.U[0], w.L[lwp].last
    switch = last is not None and last != t
    w = w._replace(U=w.U[1:], us=w.us + switch)
    w = put(w, "T", t, place="running", lwp=lwp)
    w = put(w, "L", lwp, thread=t, last=t)
    return put(w, "C", c, switching=w.C[c].switching + switch * w.rules.user_switch)


def without_thread(w, c):
    return off(w, c) if w.rules.kernel else fetch(w, c)


def go_on(w, c):
    """The thread on CPU c runs what takes no time, and so do those that come after it."""
    while w.C[c].lwp is not None and not w.C[c].switching:
        t = w.L[w.C[c].lwp].thread
        me = w.T[t]
        if me.left:
            break
        if me.todo:
            operation, rest = me.todo[0], me.todo[1:]
            w = OPERATIONS[operation[0]](put(w, "T", t, todo=rest), c, t, *operation[1:])
        else:
            w = without_thread(put(w, "T", t, place="complete", end=w.now), c)
    return w


def do_cpu(w, c, t, n):
    return put(w, "T", t, left=n)


def do_io(w, c, t, n):
    w = off(put(crossing(w), "T", t, place="io", until=w.now + n, lwp=w.C[c].lwp), c)
    return wake(w) if w.rules.act else w


def do_lock(w, c, t, name):
    queue = queue_of(w, name) + (t,)
    w = with_queue(w, name, queue)
    if len(queue) == 1:
        return w
    w = put(w, "T", t, place="lock", lwp=w.C[c].lwp)
    return off(crossing(w), c) if w.rules.kernel else fetch(w, c)


def do_unlock(w, c, t, name):
    queue = queue_of(w, name)
    if queue[:1] != (t,):
        raise ValueError(f"thread {t} unlocks {name!r}, which it does not hold")
    w = with_queue(w, name, queue[1:])
    if len(queue) == 1:
        return w
    return into_r(w, w.T[queue[1]].lwp) if w.rules.kernel else wake(into_u(w, queue[1]))


def do_yield(w, c, t):
    if w.rules.kernel:
        return into_r(off(crossing(w), c), w.C[c].lwp) if w.R else w
    return fetch(into_u(w, t), c) if w.U else w


OPERATIONS = {"cpu": do_cpu, "io": do_io, "lock": do_lock, "unlock": do_unlock, "yield": do_yield}


def step1(w):
    def over(w, t):
        lwp = w.T[t].lwp
        if w.rules.act:
            return wake(into_u(put(w, "L", lwp, thread=None, parked=True), t))
        return into_r(w, lwp)

    over_now = [i for i, t in enumerate(w.T) if t.place == "io" and t.until == w.now]
    return reduce(over, sorted(over_now, key=lambda i: w.T[i].lwp), w)


def step2(w):
    return reduce(go_on, range(len(w.C)), w)


def step3(w):
    def timer(w, c):
        cpu = w.C[c]
        if w.rules.quantum is None or cpu.lwp is None or cpu.switching or cpu.used < w.rules.quantum:
            return w
        return into_r(off(crossing(w), c), cpu.lwp) if w.R else put(w, "C", c, used=0)

    return reduce(timer, range(len(w.C)), w)


def step4(w):
    def fill(w, c):
        if w.C[c].lwp is not None or not w.R:
            return w
        lwp, w = w.R[0], w._replace(R=w.R[1:])
        if w.L[lwp].thread is None and not w.U:
            return put(w, "L", lwp, parked=True)
        switch = w.C[c].last is not None and w.C[c].last != lwp
        w = put(w, "C", c, lwp=lwp, last=lwp, used=0, switching=switch * w.rules.kernel_switch)
        w = w._replace(ks=w.ks + switch)
        held = w.L[lwp].thread
        w = fetch(w, c) if held is None else put(w, "T", held, place="running")
        return go_on(w, c)

    while (after := reduce(fill, range(len(w.C)), w)) != w:
        w = after
    return w


def step5(w):
    def cpu(c):
        if c.lwp is None:
            return c._replace(line=c.line + ".")
        if c.switching:
            return c._replace(line=c.line + "*", switching=c.switching - 1)
        return c._replace(line=c.line + letter(w.L[c.lwp].thread), used=c.used + 1)

    computing = {w.L[c.lwp].thread for c in w.C if c.lwp is not None and not c.switching}

    def thread(i, t):
        if t.place in ("ready", "io", "lock"):
            return t._replace(**{t.place: getattr(t, t.place) + 1})
        return t._replace(left=t.left - 1) if i in computing else t

    return w._replace(now=w.now + 1, C=tuple(map(cpu, w.C)), T=tuple(thread(i, t) for i, t in enumerate(w.T)))


def letter(t):
    return chr(65 + t) if t < 26 else chr(97 + t - 26) if t < 52 else "?"


def finished(w):
    return all(t.end is not None for t in w.T)


def stuck(w):
    return all(c.lwp is None for c in w.C) and all(t.place != "io" for t in w.T)


def play(w):
    while True:
        w = step4(step3(step2(step1(w))))
        if finished(w) or stuck(w):
            return w
        w = step5(w)


def start(threads, rules, cpus):
    ts = tuple(T(tuple(map(tuple, operations))) for operations in threads)
    numbers = tuple(range(len(ts)))
    if rules.kernel:
        ts = tuple(t._replace(lwp=i) for i, t in enumerate(ts))
        return World(rules, 0, ts, tuple(L(i, i) for i in numbers), (C(),) * cpus, (), numbers)
    some = numbers[: rules.lwps]
    return World(rules, 0, ts, (L(),) * len(some), (C(),) * cpus, numbers, some)


def count(value, least=1):
    if type(value) is not int or value < least:
        raise ValueError(f"{value!r} should be an int of at least {least}")
    return value


def check_operation(operation):
    if not operation:
        raise ValueError("an empty operation")
    if operation[0] not in OPERATIONS or len(operation) != (1 if operation[0] == "yield" else 2):
        raise ValueError(f"an unknown operation: {operation!r}")
    if operation[0] in ("cpu", "io"):
        count(operation[1])


def simulate(
    threads: Sequence[Sequence[Operation]],
    model: str,
    *,
    cpus: int = 1,
    lwps: int = 1,
    user_switch: int = 0,
    kernel_switch: int = 0,
    quantum: int | None = None,
) -> Result:
    if model not in {"user", "kernel", "hybrid", "activations"}:
        raise ValueError(f"an unknown model: {model!r}")
    rules = Rules(
        kernel=model == "kernel",
        act=model == "activations",
        lwps=count(lwps) if model != "user" else min(count(lwps), 1),
        user_switch=count(user_switch, 0),
        kernel_switch=count(kernel_switch, 0),
        quantum=quantum if quantum is None else count(quantum),
    )
    count(cpus)
    for thread in threads:
        for operation in thread:
            check_operation(operation)
    w = play(start(threads, rules, cpus))
    return Result(
        makespan=w.now,
        completion=[t.end for t in w.T],
        ready=[t.ready for t in w.T],
        io=[t.io for t in w.T],
        lock=[t.lock for t in w.T],
        user_switches=w.us,
        kernel_switches=w.ks,
        mode_switches=w.ms,
        overhead=sum(c.line.count("*") for c in w.C),
        gantt=[c.line for c in w.C],
        deadlock=None if finished(w) else w.now,
    )
