"""A simulator of user-level threads, kernel-level threads and lightweight processes (LWPs).

The rules are in the handout, worked examples in `examples.json` beside this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Operation: TypeAlias = tuple[str] | tuple[str, int] | tuple[str, str]


@dataclass(frozen=True)
class Result:
    """What a simulation gives. Times and costs are whole ticks; lists hold one item a thread.

    If the threads came to a deadlock, `deadlock` is the time at which nothing could move any
    more, `makespan` is that time too, and the other fields tell what had happened by then.
    """

    makespan: int  # when the last thread completed
    completion: list[int | None]  # when each thread completed; None: never
    ready: list[int]  # ticks each thread waited for an LWP or a CPU
    io: list[int]  # ticks each thread waited in blocking calls
    lock: list[int]  # ticks each thread waited for locks
    user_switches: int
    kernel_switches: int
    mode_switches: int
    overhead: int  # ticks spent in switches, over all CPUs
    gantt: list[str]  # for each CPU one character a tick: a thread's letter, "*" or "."
    deadlock: int | None = None


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
    """Run `threads` to their end, or to a deadlock, under one threading model.

    Arguments:
        threads: for each thread its operations: `("cpu", n)`, `("io", n)`, `("lock", name)`,
            `("unlock", name)`, `("yield",)`, with `n` an `int` of at least 1. All threads are
            ready at time 0.
        model: `"user"`, `"kernel"`, `"hybrid"`, or, as a stretch goal, `"activations"`.
        cpus: number of processors, at least 1.
        lwps: number of LWPs in `"hybrid"`; in `"activations"` how many may run or be ready.
            At least 1; the other models do not use it.
        user_switch: ticks an LWP spends to switch to another thread; at least 0.
        kernel_switch: ticks a CPU spends to switch to another LWP; at least 0.
        quantum: ticks of computing after which an LWP makes way for a ready one; at least 1,
            or `None`: no timer.

    Raises:
        ValueError: an unknown model or operation, a count below 1, a negative cost, or a thread
            that unlocks a lock which it does not hold.
    """
    raise NotImplementedError
