# wrong: counts all LWPs in R, those with a thread too, when it looks whether to wake one: a parked LWP stays parked
# fails: test_who_is_woken_and_when
"""A simulator of user-level threads, kernel-level threads and lightweight processes (LWPs)."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict, deque
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


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _at_least(minimum: int, **numbers: object) -> None:
    for name, number in numbers.items():
        if not isinstance(number, int) or number < minimum:
            raise ValueError(f"{name} is {number!r}, and should be an int of at least {minimum}")


def _check_operation(operation) -> None:
    try:
        kind, *arguments = operation
    except (TypeError, ValueError):
        raise ValueError(f"not an operation: {operation!r}") from None
    wanted = {"cpu": 1, "io": 1, "lock": 1, "unlock": 1, "yield": 0}
    if not isinstance(kind, str) or wanted.get(kind, -1) != len(arguments):
        raise ValueError(f"unknown operation: {operation!r}")
    if kind in ("cpu", "io"):
        _at_least(1, ticks=arguments[0])


class Task:
    """A thread of the program."""

    def __init__(self, index: int, operations) -> None:
        self.index = index
        self.script = deque(operations)
        self.compute = 0
        self.state = "ready"
        self.since = 0
        self.spent: dict[str, int] = defaultdict(int)
        self.finish: int | None = None

    def enter(self, state: str, now: int) -> None:
        self.spent[self.state] += now - self.since
        self.state, self.since = state, now


class Entity:
    """An LWP."""

    def __init__(self, index: int, task: Task | None = None) -> None:
        self.index = index
        self.task = task
        self.last = task
        self.parked = False


class Processor:
    def __init__(self) -> None:
        self.entity: Entity | None = None
        self.last: Entity | None = None
        self.delay = 0
        self.used = 0
        self.line: list[str] = []


class Machine:
    def __init__(self, tasks: list[Task], model: str, cpus: int, lwps: int, costs: tuple[int, int], quantum: int | None):
        self.tasks, self.model, self.quantum = tasks, model, quantum
        self.user_cost, self.kernel_cost = costs
        self.maximum = lwps if model != "user" else 1
        self.cpus = [Processor() for _ in range(cpus)]
        if model == "kernel":
            self.entities = [Entity(task.index, task) for task in tasks]
            self.u: deque[Task] = deque()
        else:
            self.entities = [Entity(index) for index in range(min(self.maximum, len(tasks)))]
            self.u = deque(tasks)
        self.r = deque(self.entities)
        self.calls: list[tuple[int, int, Entity]] = []  # a heap; a thread's index occurs once
        self.owners: dict[object, Task] = {}
        self.waiters: dict[object, deque[tuple[Task, Entity]]] = defaultdict(deque)
        self.clock = 0
        self.switches_u = self.switches_k = self.modes = self.overhead = 0

    # What happens at one instant ----------------------------------------------------------------

    def instant(self) -> None:
        while self.calls and self.calls[0][0] == self.clock:
            _, index, entity = heapq.heappop(self.calls)
            self.tasks[index].enter("ready", self.clock)
            if self.model == "activations":
                entity.task = None
                entity.parked = True
                self.join_u(self.tasks[index])
            else:
                self.r.append(entity)
        for cpu in self.cpus:
            self.proceed(cpu)
        for cpu in self.cpus:
            if self.quantum is None or cpu.entity is None or cpu.delay or cpu.used < self.quantum:
                continue
            if self.r:
                self.to_tail_of_r(cpu)
            else:
                cpu.used = 0
        for _ in itertools.count():
            if not sum(self.supply(cpu) for cpu in self.cpus if cpu.entity is None):
                break

    def supply(self, cpu: Processor) -> bool:
        while self.r and self.r[0].task is None and not self.u:
            self.r.popleft().parked = True
        if not self.r:
            return False
        entity = self.r.popleft()
        if cpu.last is not None and cpu.last is not entity:
            self.switches_k += 1
            cpu.delay = self.kernel_cost
        cpu.entity = cpu.last = entity
        cpu.used = 0
        if entity.task is None:
            self.load(cpu)
        else:
            entity.task.enter("running", self.clock)
        self.proceed(cpu)
        return True

    def load(self, cpu: Processor) -> None:
        entity, task = cpu.entity, self.u.popleft()
        assert entity is not None
        task.enter("running", self.clock)
        if entity.last is not None and entity.last is not task:
            self.switches_u += 1
            cpu.delay += self.user_cost
        entity.task = entity.last = task

    def unload(self, cpu: Processor) -> None:
        """The task has left its LWP (and the LWP stays, in all models but `kernel`)."""
        entity = cpu.entity
        assert entity is not None
        if self.model == "kernel":
            cpu.entity = None
        elif self.u:
            self.load(cpu)
        else:
            entity.task = None
            entity.parked = True
            cpu.entity = None

    def to_tail_of_r(self, cpu: Processor) -> None:
        entity = cpu.entity
        assert entity is not None and entity.task is not None
        entity.task.enter("ready", self.clock)
        cpu.entity = None
        self.r.append(entity)
        self.modes += 2

    def join_u(self, task: Task) -> None:
        self.u.append(task)
        self.wake_up()

    def wake_up(self) -> None:
        bare = len(self.r)
        while len(self.u) > bare:
            if self.model == "activations":
                running = sum(1 for cpu in self.cpus if cpu.entity is not None)
                if running + len(self.r) >= self.maximum:
                    break
            for entity in self.entities:
                if entity.parked:
                    break
            else:
                if self.model != "activations":
                    break
                entity = Entity(len(self.entities))
                self.entities.append(entity)
            entity.parked = False
            self.r.append(entity)
            bare += 1

    def proceed(self, cpu: Processor) -> None:
        while (entity := cpu.entity) is not None and cpu.delay == 0:
            task = entity.task
            assert task is not None
            if task.compute:
                return
            if not task.script:
                task.enter("finished", self.clock)
                task.finish = self.clock
                self.unload(cpu)
                continue
            kind, *rest = task.script.popleft()
            if kind == "cpu":
                task.compute = rest[0]
            elif kind == "io":
                self.modes += 2
                task.enter("io", self.clock)
                heapq.heappush(self.calls, (self.clock + rest[0], task.index, entity))
                cpu.entity = None
                if self.model == "activations":
                    self.wake_up()
            elif kind == "lock":
                if rest[0] not in self.owners:
                    self.owners[rest[0]] = task
                    continue
                task.enter("lock", self.clock)
                self.waiters[rest[0]].append((task, entity))
                if self.model == "kernel":
                    self.modes += 2
                self.unload(cpu)
            elif kind == "unlock":
                self.release(task, rest[0])
            elif self.model == "kernel":
                if self.r:
                    self.to_tail_of_r(cpu)
            elif self.u:
                task.enter("ready", self.clock)
                self.u.append(task)
                self.load(cpu)

    def release(self, task: Task, name: object) -> None:
        if self.owners.get(name) is not task:
            raise ValueError(f"thread {task.index} does not hold the lock {name!r}")
        if not self.waiters[name]:
            del self.owners[name]
            return
        heir, entity = self.waiters[name].popleft()
        self.owners[name] = heir
        heir.enter("ready", self.clock)
        if self.model == "kernel":
            self.r.append(entity)
        else:
            self.join_u(heir)

    # From one instant to the next ----------------------------------------------------------------

    def advance(self) -> None:
        steps = [self.calls[0][0] - self.clock] if self.calls else []
        for cpu in self.cpus:
            if cpu.entity is None:
                continue
            if cpu.delay:
                steps.append(cpu.delay)
            else:
                steps.append(cpu.entity.task.compute)
                if self.quantum is not None:
                    steps.append(self.quantum - cpu.used)
        step = min(steps)
        for cpu in self.cpus:
            if cpu.entity is None:
                cpu.line.append("." * step)
            elif cpu.delay:
                cpu.line.append("*" * step)
                cpu.delay -= step
                self.overhead += step
            else:
                task = cpu.entity.task
                cpu.line.append((LETTERS[task.index] if task.index < len(LETTERS) else "?") * step)
                task.compute -= step
                cpu.used += step
        self.clock += step

    def stuck(self) -> bool:
        return not self.calls and all(cpu.entity is None for cpu in self.cpus)


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
    """Run `threads` to their end, or to a deadlock, under one threading model."""
    if model not in ("user", "kernel", "hybrid", "activations"):
        raise ValueError(f"unknown model {model!r}")
    _at_least(1, cpus=cpus, lwps=lwps, quantum=1 if quantum is None else quantum)
    _at_least(0, user_switch=user_switch, kernel_switch=kernel_switch)
    for operations in threads:
        for operation in operations:
            _check_operation(operation)

    tasks = [Task(index, operations) for index, operations in enumerate(threads)]
    machine = Machine(tasks, model, cpus, lwps, (user_switch, kernel_switch), quantum)
    deadlock = None
    while True:
        machine.instant()
        if all(task.finish is not None for task in tasks):
            break
        if machine.stuck():
            deadlock = machine.clock
            break
        machine.advance()
    for task in tasks:
        task.enter("over", machine.clock)
    return Result(
        makespan=machine.clock,
        completion=[task.finish for task in tasks],
        ready=[task.spent["ready"] for task in tasks],
        io=[task.spent["io"] for task in tasks],
        lock=[task.spent["lock"] for task in tasks],
        user_switches=machine.switches_u,
        kernel_switches=machine.switches_k,
        mode_switches=machine.modes,
        overhead=machine.overhead,
        gantt=["".join(cpu.line) for cpu in machine.cpus],
        deadlock=deadlock,
    )
