"""Results are remembered without a lock: one look, one store, of tuples that nobody can change. Two calls
may both work the same thing out."""

from __future__ import annotations

import enum
import typing as t
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    makespan: int
    completion: t.List[t.Optional[int]]
    ready: t.List[int]
    io: t.List[int]
    lock: t.List[int]
    user_switches: int
    kernel_switches: int
    mode_switches: int
    overhead: int
    gantt: t.List[str]
    deadlock: t.Optional[int] = None


class State(enum.Enum):
    READY = enum.auto()
    RUNNING = enum.auto()
    IO = enum.auto()
    LOCK = enum.auto()
    DONE = enum.auto()


class Model(enum.Enum):
    USER = "user"
    KERNEL = "kernel"
    HYBRID = "hybrid"
    ACTIVATIONS = "activations"


memory: t.Dict[t.Hashable, t.Tuple[t.Any, ...]] = {}


@dataclass(eq=False, slots=True)
class Task:
    index: int
    script: t.Iterator[t.Sequence[t.Any]]
    state: State = State.READY
    remaining: int = 0
    wakes: int = -1
    carrier: t.Optional[Carrier] = None
    finished: t.Optional[int] = None
    times: t.Dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))


@dataclass(eq=False, slots=True)
class Carrier:
    index: int
    task: t.Optional[Task] = None
    latest: t.Optional[Task] = None
    ran: int = 0


@dataclass(eq=False, slots=True)
class Core:
    carrier: t.Optional[Carrier] = None
    latest: t.Optional[Carrier] = None
    delay: int = 0
    line: t.List[str] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Mutex:
    owner: t.Optional[Task] = None
    queue: t.Deque[Task] = field(default_factory=deque)


@dataclass(eq=False)
class System:
    tasks: t.List[Task]
    cores: t.List[Core]
    user_cost: int
    kernel_cost: int
    quantum: t.Optional[int]
    policy: Policy
    clock: int = 0
    carriers: t.List[Carrier] = field(default_factory=list)
    runnable: t.Deque[Carrier] = field(default_factory=deque)
    mutexes: t.Dict[t.Hashable, Mutex] = field(default_factory=dict)
    user_switches: int = 0
    kernel_switches: int = 0
    mode_switches: int = 0

    def new_carrier(self, task: t.Optional[Task] = None) -> Carrier:
        carrier = Carrier(len(self.carriers), task, task)
        self.carriers.append(carrier)
        return carrier

    def schedule(self, carrier: Carrier) -> None:
        if carrier.task is not None:
            carrier.task.state = State.READY
        self.runnable.append(carrier)

    def enter_kernel(self, core: Core) -> None:
        self.mode_switches += 2
        core.carrier = None

    def put_on(self, core: Core, carrier: Carrier, task: Task) -> None:
        if carrier.latest is not None and carrier.latest is not task:
            self.user_switches += 1
            core.delay += self.user_cost
        carrier.task = carrier.latest = task
        task.carrier = carrier
        task.state = State.RUNNING

    def advance(self, core: Core) -> None:
        while core.carrier is not None and not core.delay:
            task = core.carrier.task
            assert task is not None
            if task.remaining:
                return
            kind, *operand = next(task.script, ("exit",))
            if kind == "cpu":
                task.remaining = operand[0]
            elif kind == "io":
                task.state = State.IO
                task.wakes = self.clock + operand[0]
                self.enter_kernel(core)
                self.policy.blocked(self)
            elif kind == "lock":
                mutex = self.mutexes.setdefault(operand[0], Mutex())
                if mutex.owner is None:
                    mutex.owner = task
                else:
                    task.state = State.LOCK
                    mutex.queue.append(task)
                    self.policy.contended(self, core)
            elif kind == "unlock":
                mutex = self.mutexes.setdefault(operand[0], Mutex())
                if mutex.owner is not task:
                    raise ValueError(f"task {task.index} does not own {operand[0]!r}")
                mutex.owner = mutex.queue.popleft() if mutex.queue else None
                if mutex.owner is not None:
                    self.policy.runnable_again(self, mutex.owner)
            elif kind == "yield":
                self.policy.give_way(self, core)
            else:
                task.state = State.DONE
                task.finished = self.clock
                self.policy.finished(self, core)

    def instant(self) -> None:
        for task in self.tasks:
            if task.state is State.IO and task.wakes == self.clock:
                self.policy.call_over(self, task)
        for core in self.cores:
            self.advance(core)
        for core in self.cores:
            carrier = core.carrier
            if carrier is not None and not core.delay and carrier.ran == self.quantum:
                carrier.ran = 0
                if self.runnable:
                    self.schedule(carrier)
                    self.enter_kernel(core)
        busy = True
        while busy:
            busy = False
            for core in self.cores:
                if core.carrier is None and self.occupy(core):
                    busy = True
                    self.advance(core)

    def occupy(self, core: Core) -> bool:
        while self.runnable:
            carrier = self.runnable.popleft()
            task = carrier.task or self.policy.next_task()
            if task is None:
                self.policy.rest(carrier)
                continue
            if core.latest is not None and core.latest is not carrier:
                self.kernel_switches += 1
                core.delay += self.kernel_cost
            core.carrier = core.latest = carrier
            carrier.ran = 0
            self.put_on(core, carrier, task)
            return True
        return False

    def tick(self) -> None:
        for task in self.tasks:
            task.times[task.state] += 1
        for core in self.cores:
            if core.carrier is None:
                core.line.append(".")
            elif core.delay:
                core.delay -= 1
                core.line.append("*")
            else:
                task = core.carrier.task
                assert task is not None
                task.remaining -= 1
                core.carrier.ran += 1
                core.line.append(symbol(task.index))
        self.clock += 1

    def run(self) -> Result:
        deadlock = None
        while True:
            self.instant()
            states = {task.state for task in self.tasks}
            if states <= {State.DONE}:
                break
            if State.IO not in states and all(core.carrier is None for core in self.cores):
                deadlock = self.clock
                break
            self.tick()
        lines = ["".join(core.line) for core in self.cores]
        return Result(
            makespan=self.clock,
            completion=[task.finished for task in self.tasks],
            ready=[task.times[State.READY] for task in self.tasks],
            io=[task.times[State.IO] for task in self.tasks],
            lock=[task.times[State.LOCK] for task in self.tasks],
            user_switches=self.user_switches,
            kernel_switches=self.kernel_switches,
            mode_switches=self.mode_switches,
            overhead=sum(character == "*" for line in lines for character in line),
            gantt=lines,
            deadlock=deadlock,
        )


class Policy(t.Protocol):
    def start(self, system: System) -> None: ...
    def next_task(self) -> t.Optional[Task]: ...
    def rest(self, carrier: Carrier) -> None: ...
    def blocked(self, system: System) -> None: ...
    def call_over(self, system: System, task: Task) -> None: ...
    def contended(self, system: System, core: Core) -> None: ...
    def runnable_again(self, system: System, task: Task) -> None: ...
    def give_way(self, system: System, core: Core) -> None: ...
    def finished(self, system: System, core: Core) -> None: ...


class OneToOne:
    def start(self, system: System) -> None:
        for task in system.tasks:
            task.carrier = system.new_carrier(task)
            system.schedule(task.carrier)

    def next_task(self) -> None:
        return None

    def rest(self, carrier: Carrier) -> None:
        raise AssertionError("never without its task")

    def blocked(self, system: System) -> None:
        pass

    def call_over(self, system: System, task: Task) -> None:
        assert task.carrier is not None
        system.schedule(task.carrier)

    def contended(self, system: System, core: Core) -> None:
        system.enter_kernel(core)

    def runnable_again(self, system: System, task: Task) -> None:
        self.call_over(system, task)

    def give_way(self, system: System, core: Core) -> None:
        if system.runnable:
            assert core.carrier is not None
            system.schedule(core.carrier)
            system.enter_kernel(core)

    def finished(self, system: System, core: Core) -> None:
        core.carrier = None


class ManyToMany:
    def __init__(self, width: int) -> None:
        self.width = width
        self.waiting: t.Deque[Task] = deque()
        self.resting: t.List[Carrier] = []

    def start(self, system: System) -> None:
        self.waiting.extend(system.tasks)
        for _ in range(min(self.width, len(system.tasks))):
            system.schedule(system.new_carrier())

    def next_task(self) -> t.Optional[Task]:
        return self.waiting.popleft() if self.waiting else None

    def rest(self, carrier: Carrier) -> None:
        carrier.task = None
        self.resting.append(carrier)

    def reserve(self, system: System) -> t.Optional[Carrier]:
        if not self.resting:
            return None
        return self.resting.pop(min(range(len(self.resting)), key=lambda i: self.resting[i].index))

    def wake(self, system: System) -> None:
        while len(self.waiting) > sum(carrier.task is None for carrier in system.runnable):
            carrier = self.reserve(system)
            if carrier is None:
                break
            system.schedule(carrier)

    def blocked(self, system: System) -> None:
        pass

    def call_over(self, system: System, task: Task) -> None:
        assert task.carrier is not None
        system.schedule(task.carrier)

    def contended(self, system: System, core: Core) -> None:
        self.finished(system, core)

    def runnable_again(self, system: System, task: Task) -> None:
        task.state = State.READY
        self.waiting.append(task)
        self.wake(system)

    def give_way(self, system: System, core: Core) -> None:
        assert core.carrier is not None and core.carrier.task is not None
        if self.waiting:
            core.carrier.task.state = State.READY
            self.waiting.append(core.carrier.task)
            self.finished(system, core)

    def finished(self, system: System, core: Core) -> None:
        carrier = core.carrier
        assert carrier is not None
        task = self.next_task()
        if task is None:
            self.rest(carrier)
            core.carrier = None
        else:
            system.put_on(core, carrier, task)


class Upcalls(ManyToMany):
    def reserve(self, system: System) -> t.Optional[Carrier]:
        active = len(system.runnable) + sum(core.carrier is not None for core in system.cores)
        if active >= self.width:
            return None
        return super().reserve(system) or system.new_carrier()

    def blocked(self, system: System) -> None:
        self.wake(system)

    def call_over(self, system: System, task: Task) -> None:
        assert task.carrier is not None
        self.rest(task.carrier)
        self.runnable_again(system, task)


def symbol(index: int) -> str:
    if index < 26:
        return chr(ord("A") + index)
    return chr(ord("a") + index - 26) if index < 52 else "?"


def whole(value: t.Any, least: int, what: str) -> None:
    if type(value) is not int:
        raise TypeError(f"{what}: an int, please")
    if value < least:
        raise ValueError(f"{what}: at least {least}, please")


def checked(script: t.Sequence[t.Sequence[t.Any]]) -> t.Iterator[t.Sequence[t.Any]]:
    held: t.Set[t.Hashable] = set()
    stuck = False
    for operation in script:
        kind = operation[0]
        if kind in ("cpu", "io"):
            whole(operation[1], 1, kind)
        elif kind == "lock":
            stuck = stuck or operation[1] in held  # it will wait for itself
            held.add(operation[1])
        elif kind == "unlock":
            if operation[1] not in held and not stuck:
                raise ValueError(f"{operation[1]!r} is not held here")
            held.discard(operation[1])
        elif kind != "yield":
            raise ValueError(f"unknown operation {kind!r}")
    return iter([tuple(operation) for operation in script])


def simulate(
    threads: t.Sequence[t.Sequence[t.Sequence[t.Any]]],
    model: str,
    *,
    cpus: int = 1,
    lwps: int = 1,
    user_switch: int = 0,
    kernel_switch: int = 0,
    quantum: t.Optional[int] = None,
) -> Result:
    chosen = Model(model)  # ValueError if there is none of that name
    whole(cpus, 1, "cpus")
    whole(lwps, 1, "lwps")
    whole(user_switch, 0, "user_switch")
    whole(kernel_switch, 0, "kernel_switch")
    if quantum is not None:
        whole(quantum, 1, "quantum")
    policy: Policy
    if chosen is Model.KERNEL:
        policy = OneToOne()
    elif chosen is Model.ACTIVATIONS:
        policy = Upcalls(lwps)
    else:
        policy = ManyToMany(1 if chosen is Model.USER else lwps)
    tasks = [Task(index, checked(script)) for index, script in enumerate(threads)]
    load = (
        chosen,
        cpus,
        lwps,
        user_switch,
        kernel_switch,
        quantum,
        *(tuple(map(tuple, script)) for script in threads),
    )
    known = memory.get(load)
    if known is None:
        result = work_out(tasks, cpus, user_switch, kernel_switch, quantum, policy)
        known = tuple(freeze(value) for value in vars(result).values())
        memory[load] = known
    return Result(*map(thaw, known))


def freeze(value: t.Any) -> t.Any:
    return tuple(value) if isinstance(value, list) else value


def thaw(value: t.Any) -> t.Any:
    return list(value) if isinstance(value, tuple) else value


def work_out(
    tasks: t.List[Task],
    cpus: int,
    user_switch: int,
    kernel_switch: int,
    quantum: t.Optional[int],
    policy: Policy,
) -> Result:
    system = System(
        tasks, [Core() for _ in range(cpus)], user_switch, kernel_switch, quantum, policy
    )
    policy.start(system)
    return system.run()
