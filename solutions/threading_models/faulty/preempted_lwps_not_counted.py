# wrong: LWPs in R that hold a preempted thread do not count against the limit of activations
# fails: test_activations_keep_to_their_limit
from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase


@dataclass(frozen=True)
class Result:
    """What a simulation gives. Comes with the exercise."""

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

class Fibre:
    def __init__(self, index, ops):
        self.index, self.script, self.todo = index, iter(ops), 0
        self.state, self.until, self.unit, self.completed = "ready", None, None, None
        self.ready = self.io = self.lock = 0


class Unit:
    """A kernel-scheduled entity."""

    def __init__(self, index, fibre=None):
        self.index, self.fibre, self.latest, self.spent = index, fibre, fibre, 0


class Slot:
    """A processor."""

    def __init__(self):
        self.unit, self.latest, self.toll, self.trace = None, None, 0, ""


class Policy(ABC):
    def __init__(self, clockwork, lwps):
        self.cw = clockwork
        self.lwps = lwps

    @abstractmethod
    def begin(self, fibres): ...

    @abstractmethod
    def call_over(self, fibre): ...

    @abstractmethod
    def contended(self, slot): ...

    @abstractmethod
    def released(self, fibre): ...

    @abstractmethod
    def yielded(self, slot): ...

    @abstractmethod
    def finished(self, slot): ...

    def blocked(self):
        pass

    def can_start(self, unit):
        return True

    def fetch(self, unit):
        return 0


class KernelPolicy(Policy):
    def begin(self, fibres):
        self.units = [Unit(f.index, f) for f in fibres]
        self.cw.ready.extend(self.units)

    def call_over(self, fibre):
        fibre.state = "ready"
        self.cw.ready.append(fibre.unit)

    def contended(self, slot):
        self.cw.mode_switches += 2
        slot.unit = None

    def released(self, fibre):
        fibre.state = "ready"
        self.cw.ready.append(self.units[fibre.index])

    def yielded(self, slot):
        if self.cw.ready:
            self.cw.expel(slot)

    def finished(self, slot):
        slot.unit = None


class HybridPolicy(Policy):
    def begin(self, fibres):
        self.users = deque(fibres)
        self.idle = set()
        self.made = min(self.lwps, len(fibres))
        self.cw.ready.extend(map(Unit, range(self.made)))

    def call_over(self, fibre):
        fibre.state = "ready"
        self.cw.ready.append(fibre.unit)

    def contended(self, slot):
        self.exchange(slot)

    def released(self, fibre):
        fibre.state = "ready"
        self.users.append(fibre)
        self.alarm()

    def yielded(self, slot):
        if self.users:
            slot.unit.fibre.state = "ready"
            self.users.append(slot.unit.fibre)
            self.exchange(slot)

    def finished(self, slot):
        self.exchange(slot)

    def exchange(self, slot):
        slot.unit.fibre = None
        if self.users:
            slot.toll = self.fetch(slot.unit)
        else:
            self.idle.add(slot.unit)
            slot.unit = None

    def can_start(self, unit):
        if unit.fibre is None and not self.users:
            self.idle.add(unit)
            return False
        return True

    def fetch(self, unit):
        if unit.fibre is not None:
            return 0
        unit.fibre = fibre = self.users.popleft()
        fibre.state = "running"
        latest, unit.latest = unit.latest, fibre
        if latest in (None, fibre):
            return 0
        self.cw.user_switches += 1
        return self.cw.user_switch

    def more(self):
        """A parked LWP to wake, or None."""
        if not self.idle:
            return None
        unit = min(self.idle, key=lambda u: u.index)
        self.idle.remove(unit)
        return unit

    def alarm(self):
        while len(self.users) > sum(u.fibre is None for u in self.cw.ready):
            unit = self.more()
            if unit is None:
                break
            self.cw.ready.append(unit)


class UserPolicy(HybridPolicy):
    def __init__(self, clockwork, lwps):
        super().__init__(clockwork, 1)


class ActivationsPolicy(HybridPolicy):
    def blocked(self):
        self.alarm()

    def call_over(self, fibre):
        fibre.unit.fibre = None
        self.idle.add(fibre.unit)
        self.released(fibre)

    def more(self):
        fresh = sum(u.fibre is None for u in self.cw.ready)
        if fresh + sum(s.unit is not None for s in self.cw.slots) >= self.lwps:
            return None
        unit = super().more()
        if unit is None:
            unit = Unit(self.made)
            self.made += 1
        return unit


POLICIES = (("user", UserPolicy), ("kernel", KernelPolicy), ("hybrid", HybridPolicy), ("activations", ActivationsPolicy))


class Clockwork:
    def __init__(self, threads, policy, cpus, lwps, user_switch, kernel_switch, quantum):
        self.user_switch, self.kernel_switch, self.quantum = user_switch, kernel_switch, quantum
        self.fibres = [Fibre(i, t) for i, t in enumerate(threads)]
        self.slots = [Slot() for _ in range(cpus)]
        self.ready = deque()
        self.owner, self.queue = {}, {}
        self.time = self.user_switches = self.kernel_switches = self.mode_switches = 0
        self.policy = policy(self, lwps)
        self.policy.begin(self.fibres)

    def expel(self, slot):
        self.mode_switches += 2
        slot.unit.fibre.state = "ready"
        self.ready.append(slot.unit)
        slot.unit = None

    def advance(self, slot):
        while slot.unit and not slot.toll and not slot.unit.fibre.todo:
            fibre = slot.unit.fibre
            try:
                verb, *rest = next(fibre.script)
            except StopIteration:
                fibre.state, fibre.completed = "done", self.time
                self.policy.finished(slot)
                continue
            getattr(self, "op_" + verb)(slot, fibre, *rest)

    def op_cpu(self, slot, fibre, n):
        fibre.todo = n

    def op_io(self, slot, fibre, n):
        self.mode_switches += 2
        fibre.state, fibre.until, fibre.unit = "io", self.time + n, slot.unit
        slot.unit = None
        self.policy.blocked()

    def op_lock(self, slot, fibre, name):
        if name not in self.owner:
            self.owner[name] = fibre
            return
        self.queue.setdefault(name, deque()).append(fibre)
        fibre.state = "lock"
        self.policy.contended(slot)

    def op_unlock(self, slot, fibre, name):
        if self.owner.get(name) is not fibre:
            raise ValueError(f"thread {fibre.index} does not hold {name!r}")
        del self.owner[name]
        if self.queue.get(name):
            heir = self.owner[name] = self.queue[name].popleft()
            self.policy.released(heir)

    def op_yield(self, slot, fibre):
        self.policy.yielded(slot)

    def instant(self):
        for fibre in self.fibres:
            if fibre.state == "io" and fibre.until == self.time:
                self.policy.call_over(fibre)
        for slot in self.slots:
            self.advance(slot)
        if self.quantum:
            for slot in self.slots:
                if slot.unit and not slot.toll and slot.unit.spent >= self.quantum:
                    if self.ready:
                        self.expel(slot)
                    else:
                        slot.unit.spent = 0
        while any([self.serve(slot) for slot in self.slots]):
            pass

    def serve(self, slot):
        if slot.unit or not self.ready:
            return False
        unit = self.ready.popleft()
        if self.policy.can_start(unit):
            if slot.latest not in (None, unit):
                self.kernel_switches += 1
                slot.toll = self.kernel_switch
            slot.unit = slot.latest = unit
            unit.spent = 0
            slot.toll += self.policy.fetch(unit)
            unit.fibre.state = "running"
            self.advance(slot)
        return True

    def tick(self):
        for slot in self.slots:
            if slot.unit is None:
                slot.trace += "."
            elif slot.toll:
                slot.toll -= 1
                slot.trace += "*"
            else:
                fibre = slot.unit.fibre
                fibre.todo -= 1
                slot.unit.spent += 1
                slot.trace += (ascii_uppercase + ascii_lowercase + "?")[min(fibre.index, 52)]
        for fibre in self.fibres:
            if fibre.state in ("ready", "io", "lock"):
                setattr(fibre, fibre.state, getattr(fibre, fibre.state) + 1)
        self.time += 1

    def go(self):
        stuck = False
        while True:
            self.instant()
            states = {f.state for f in self.fibres}
            if states <= {"done"}:
                break
            if "io" not in states and all(s.unit is None for s in self.slots):
                stuck = True
                break
            self.tick()
        return Result(
            makespan=self.time,
            completion=[f.completed for f in self.fibres],
            ready=[f.ready for f in self.fibres],
            io=[f.io for f in self.fibres],
            lock=[f.lock for f in self.fibres],
            user_switches=self.user_switches,
            kernel_switches=self.kernel_switches,
            mode_switches=self.mode_switches,
            overhead=sum(s.trace.count("*") for s in self.slots),
            gantt=[s.trace for s in self.slots],
            deadlock=self.time if stuck else None,
        )


def simulate(threads, model, *, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
    numbers = [("cpus", cpus, 1), ("lwps", lwps, 1), ("user_switch", user_switch, 0), ("kernel_switch", kernel_switch, 0)]
    if quantum is not None:
        numbers.append(("quantum", quantum, 1))
    for thread in threads:
        for op in thread:
            match tuple(op):
                case ("cpu" | "io") as verb, n:
                    numbers.append((verb, n, 1))
                case (("lock" | "unlock"), _) | ("yield",):
                    pass
                case other:
                    raise ValueError(f"{other!r} is no operation")
    for name, number, least in numbers:
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise ValueError(f"{name} is {number!r}, but must be an int >= {least}")
    for name, policy in POLICIES:
        if name == model:
            return Clockwork(threads, policy, cpus, lwps, user_switch, kernel_switch, quantum).go()
    raise ValueError(f"{model!r} is no model")
