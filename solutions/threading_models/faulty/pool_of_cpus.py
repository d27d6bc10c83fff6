# wrong: CPUs come from a pool of the module, looked at and then taken: two calls at once, after another one, go for the last one
# fails: test_two_calls_after_a_bad_unlock

"""Threading models as state machines: every move of a thread or an LWP is a transition between two states."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

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


class Model(Enum):
    USER = "user"
    KERNEL = "kernel"
    HYBRID = "hybrid"
    ACTIVATIONS = "activations"


class ThreadState(Enum):
    IN_U = auto()  # waits for an LWP
    ON_LWP = auto()  # held by an LWP that waits for a CPU
    RUNNING = auto()
    CALLING = auto()
    LOCKED_OUT = auto()
    COMPLETE = auto()


class LwpState(Enum):
    PARKED = auto()
    READY = auto()
    RUNNING = auto()
    BLOCKED = auto()
    ENDED = auto()


class CpuState(Enum):
    IDLE = auto()
    SWITCHING = auto()
    COMPUTING = auto()


WAITS = {
    ThreadState.IN_U: "ready",
    ThreadState.ON_LWP: "ready",
    ThreadState.CALLING: "io",
    ThreadState.LOCKED_OUT: "lock",
}
FOLLOWS = {  # what the state of an LWP says about the thread it holds
    LwpState.READY: ThreadState.ON_LWP,
    LwpState.RUNNING: ThreadState.RUNNING,
}


class Thread:
    def __init__(self, number, program):
        self.number, self.program = number, iter(program)
        self.state = None
        self.lwp = None
        self.computing = 0
        self.alarm = None
        self.completion = None
        self.figures = {"ready": 0, "io": 0, "lock": 0}


class Lwp:
    def __init__(self, number, thread=None):
        self.number = number
        self.thread = self.last = thread
        self.state = None
        if thread:
            thread.lwp = self


class Cpu:
    def __init__(self):
        self.lwp = self.last = None
        self.switch = self.used = 0
        self.trace = ""

    @property
    def state(self):
        if self.lwp is None:
            return CpuState.IDLE
        return CpuState.SWITCHING if self.switch else CpuState.COMPUTING


pool = []  # CPUs that are not in use


def get_cpu():
    if pool:
        cpu = pool.pop()
        cpu.__init__()
        return cpu
    return Cpu()


class Mutex:
    def __init__(self):
        self.owner, self.queue = None, deque()


class Simulator:
    def __init__(self, threads, model, cpus, lwps, user_switch, kernel_switch, quantum):
        self.model = model
        self.limit = 1 if model is Model.USER else lwps
        self.user_switch, self.kernel_switch, self.quantum = user_switch, kernel_switch, quantum
        self.clock = 0
        self.u, self.r = deque(), deque()
        self.threads = [Thread(number, program) for number, program in enumerate(threads)]
        self.cpus = [get_cpu() for _ in range(cpus)]
        self.lwps = []
        self.mutexes = {}
        self.counts = {"user_switches": 0, "kernel_switches": 0, "mode_switches": 0, "overhead": 0}
        for thread in self.threads:
            if model is Model.KERNEL:
                self.new_lwp(thread)
            else:
                self.thread_to(thread, ThreadState.IN_U)
        if model is not Model.KERNEL:
            for _ in self.threads[: self.limit]:
                self.new_lwp()

    def new_lwp(self, thread=None):
        lwp = Lwp(len(self.lwps), thread)
        self.lwps.append(lwp)
        self.lwp_to(lwp, LwpState.READY)

    # Transitions

    def thread_to(self, thread, state):
        thread.state = state
        match state:
            case ThreadState.IN_U:
                self.u.append(thread)
            case ThreadState.COMPLETE:
                thread.completion = self.clock
            case ThreadState.CALLING | ThreadState.LOCKED_OUT if (
                self.model is Model.KERNEL or state is ThreadState.CALLING
            ):
                self.counts["mode_switches"] += 2

    def lwp_to(self, lwp, state, cpu=None):
        if lwp.state is LwpState.RUNNING and cpu is not None:
            cpu.lwp = None
        lwp.state = state
        if lwp.thread is not None and state in FOLLOWS:
            self.thread_to(lwp.thread, FOLLOWS[state])
        if state is LwpState.READY:
            self.r.append(lwp)
        if state is LwpState.PARKED:
            lwp.thread = None

    def thread_and_lwp_part(self, cpu):
        """The thread on the CPU has gone. What becomes of its LWP?"""
        if self.model is Model.KERNEL:
            thread = cpu.lwp.thread
            ended = thread.state is ThreadState.COMPLETE
            self.lwp_to(cpu.lwp, LwpState.ENDED if ended else LwpState.BLOCKED, cpu)
            return
        cpu.lwp.thread = None
        if self.u:
            self.marry(cpu)
        else:
            self.lwp_to(cpu.lwp, LwpState.PARKED, cpu)

    def marry(self, cpu):
        lwp, thread = cpu.lwp, self.u.popleft()
        lwp.thread, thread.lwp = thread, lwp
        self.thread_to(thread, ThreadState.RUNNING)
        if lwp.last not in (None, thread):
            self.counts["user_switches"] += 1
            cpu.switch += self.user_switch
        lwp.last = thread

    def make_way(self, cpu):
        self.counts["mode_switches"] += 2
        self.lwp_to(cpu.lwp, LwpState.READY, cpu)

    def wake(self):
        for lwp in self.sleepers():
            self.lwp_to(lwp, LwpState.READY)

    def sleepers(self):
        while len(self.u) > len([lwp for lwp in self.r if lwp.thread is None]):
            sleeping = [lwp for lwp in self.lwps if lwp.state is LwpState.PARKED]
            if self.model is Model.ACTIVATIONS:
                awake = [lwp for lwp in self.lwps if lwp.state in (LwpState.READY, LwpState.RUNNING)]
                if len(awake) >= self.limit:
                    return
                if not sleeping:
                    sleeping.append(Lwp(len(self.lwps)))
                    self.lwps += sleeping
            if not sleeping:
                return
            yield sleeping[0]

    # Operations

    def advance(self, cpu):
        while cpu.state is CpuState.COMPUTING and not cpu.lwp.thread.computing:
            thread = cpu.lwp.thread
            match next(thread.program, None):
                case None:
                    self.thread_to(thread, ThreadState.COMPLETE)
                    self.thread_and_lwp_part(cpu)
                case ["cpu", n]:
                    thread.computing = n
                case ["io", n]:
                    thread.alarm = self.clock + n
                    self.thread_to(thread, ThreadState.CALLING)
                    self.lwp_to(cpu.lwp, LwpState.BLOCKED, cpu)
                    if self.model is Model.ACTIVATIONS:
                        self.wake()
                case ["lock", name]:
                    mutex = self.mutexes.setdefault(name, Mutex())
                    if mutex.owner is None:
                        mutex.owner = thread
                    else:
                        mutex.queue.append(thread)
                        self.thread_to(thread, ThreadState.LOCKED_OUT)
                        self.thread_and_lwp_part(cpu)
                case ["unlock", name]:
                    mutex = self.mutexes.get(name)
                    if mutex is None or mutex.owner is not thread:
                        raise ValueError(f"thread {thread.number} does not hold {name!r}")
                    mutex.owner = None
                    if mutex.queue:
                        mutex.owner = mutex.queue.popleft()
                        self.back(mutex.owner)
                case ["yield"]:
                    if self.model is Model.KERNEL and self.r:
                        self.make_way(cpu)
                    elif self.model is not Model.KERNEL and self.u:
                        self.thread_to(thread, ThreadState.IN_U)
                        self.thread_and_lwp_part(cpu)

    def back(self, thread):
        """A thread that waited is ready again."""
        if self.model is Model.KERNEL:
            self.lwp_to(thread.lwp, LwpState.READY)
        else:
            self.thread_to(thread, ThreadState.IN_U)
            self.wake()

    # One instant

    def calls(self):
        for thread in self.threads:
            if thread.state is ThreadState.CALLING and thread.alarm == self.clock:
                if self.model is Model.ACTIVATIONS:
                    self.lwp_to(thread.lwp, LwpState.PARKED)
                    self.back(thread)
                else:
                    self.lwp_to(thread.lwp, LwpState.READY)

    def timers(self):
        for cpu in self.cpus:
            if cpu.state is CpuState.COMPUTING and self.quantum is not None and cpu.used >= self.quantum:
                if self.r:
                    self.make_way(cpu)
                else:
                    cpu.used = 0

    def dispatch(self):
        while self.r and (idle := [cpu for cpu in self.cpus if cpu.state is CpuState.IDLE]):
            for cpu in idle:
                if not self.r:
                    break
                lwp = self.r.popleft()
                if lwp.thread is None and not self.u:
                    self.lwp_to(lwp, LwpState.PARKED)
                    continue
                if cpu.last not in (None, lwp):
                    self.counts["kernel_switches"] += 1
                    cpu.switch += self.kernel_switch
                cpu.lwp = cpu.last = lwp
                cpu.used = 0
                self.lwp_to(lwp, LwpState.RUNNING)
                if lwp.thread is None:
                    self.marry(cpu)
                self.advance(cpu)

    def tick(self):
        for cpu in self.cpus:
            match cpu.state:
                case CpuState.IDLE:
                    cpu.trace += "."
                case CpuState.SWITCHING:
                    cpu.trace += "*"
                    cpu.switch -= 1
                    self.counts["overhead"] += 1
                case CpuState.COMPUTING:
                    number = cpu.lwp.thread.number
                    cpu.trace += chr(65 + number) if number < 26 else chr(71 + number) if number < 52 else "?"
                    cpu.lwp.thread.computing -= 1
                    cpu.used += 1
        for thread in self.threads:
            if thread.state in WAITS:
                thread.figures[WAITS[thread.state]] += 1
        self.clock += 1

    def verdict(self):
        """None while there is something to do, then "complete" or "deadlock"."""
        states = {thread.state for thread in self.threads}
        if states <= {ThreadState.COMPLETE}:
            return "complete"
        if ThreadState.CALLING in states or any(cpu.state is not CpuState.IDLE for cpu in self.cpus):
            return None
        return "deadlock"

    def run(self):
        while True:
            self.calls()
            for cpu in self.cpus:
                self.advance(cpu)
            self.timers()
            self.dispatch()
            if verdict := self.verdict():
                break
            self.tick()
        result = Result(
            makespan=self.clock,
            completion=[thread.completion for thread in self.threads],
            **{figure: [thread.figures[figure] for thread in self.threads] for figure in ("ready", "io", "lock")},
            **self.counts,
            gantt=[cpu.trace for cpu in self.cpus],
            deadlock=self.clock if verdict == "deadlock" else None,
        )
        pool.extend(self.cpus)
        return result


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
    model = Model(model)  # ValueError if there is none
    numbers = [(cpus, 1), (lwps, 1), (user_switch, 0), (kernel_switch, 0)]
    if quantum is not None:
        numbers.append((quantum, 1))
    for thread in threads:
        for operation in thread:
            match operation:
                case ["cpu" | "io", n]:
                    numbers.append((n, 1))
                case ["lock" | "unlock", _] | ["yield"]:
                    pass
                case _:
                    raise ValueError(f"unknown operation {operation!r}")
    for number, least in numbers:
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise ValueError(f"{number!r} is not a whole number of at least {least}")
    return Simulator(threads, model, cpus, lwps, user_switch, kernel_switch, quantum).run()
