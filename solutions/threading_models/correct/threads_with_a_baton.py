"""Each simulated thread is a real thread. Only one runs at any time: the scheduler hands it the baton and
waits until it comes back."""

from collections import deque
from dataclasses import dataclass
from threading import Semaphore, Thread
from types import SimpleNamespace as Box


@dataclass(frozen=True)
class Result:
    makespan: int
    completion: list
    ready: list
    io: list
    lock: list
    user_switches: int
    kernel_switches: int
    mode_switches: int
    overhead: int
    gantt: list
    deadlock: int | None = None


class Over(Exception):
    """The simulation has ended before its thread."""


def simulate(threads, model, *, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
    if model not in {"user", "kernel", "hybrid", "activations"}:
        raise ValueError(model)
    if min(cpus, lwps, 1 if quantum is None else quantum) < 1:
        raise ValueError("below 1")
    if min(user_switch, kernel_switch) < 0:
        raise ValueError("negative")
    for name, *rest in (operation for program in threads for operation in program):
        if name not in {"cpu", "io", "lock", "unlock", "yield"}:
            raise ValueError(name)
        if name in {"cpu", "io"} and not rest[0] >= 1:
            raise ValueError(rest[0])

    bound = model == "kernel"
    upcall = model == "activations"
    pool = 1 if model == "user" else lwps

    clock = 0
    tally = dict.fromkeys(("user", "kernel", "mode"), 0)
    user_line, lwp_line, bench = deque(), deque(), []
    locks = {}
    made = []
    processors = [Box(lwp=None, before=None, lag=0, drawn="") for _ in range(cpus)]

    back = Semaphore(0)  # the baton, on its way to the scheduler
    over = False
    failures = []

    def pause(me):
        if me.started:
            back.release()
        me.started = True
        me.baton.acquire()
        if over:
            raise Over

    def body(me):
        try:
            life(me)
        except Over:
            return
        except Exception as error:
            failures.append(error)
        back.release()

    def life(me):
        """What a thread does. It pauses when it has given up its LWP or its CPU or goes on to
        compute; it is resumed when it runs and has nothing to do."""
        pause(me)
        for name, *rest in me.program:
            if name == "cpu":
                me.todo = rest[0]
                pause(me)
            elif name == "io":
                tally["mode"] += 2
                me.state, me.until = "io", clock + rest[0]
                me.cpu.lwp = None
                if upcall:
                    summon()
                pause(me)
            elif name == "lock":
                holder, line = locks.setdefault(rest[0], [None, deque()])
                if holder is None:
                    locks[rest[0]][0] = me
                    continue
                line.append(me)
                me.state = "lock"
                if bound:
                    tally["mode"] += 2
                    me.cpu.lwp = None
                else:
                    replace(me.cpu)
                pause(me)
            elif name == "unlock":
                holder, line = locks.setdefault(rest[0], [None, deque()])
                if holder is not me:
                    raise ValueError(f"{rest[0]} is not held")
                heir = locks[rest[0]][0] = line.popleft() if line else None
                if heir is not None:
                    revive(heir)
            elif bound and lwp_line:
                me.state = "ready"
                tally["mode"] += 2
                lwp_line.append(me.lwp)
                me.cpu.lwp = None
                pause(me)
            elif not bound and user_line:
                me.state = "ready"
                user_line.append(me)
                replace(me.cpu)
                pause(me)
        me.state, me.end = "done", clock
        if bound:
            me.cpu.lwp = None
        else:
            replace(me.cpu)

    def hire(thread=None):
        lwp = Box(rank=len(made), thread=thread, before=thread, spent=0)
        made.append(lwp)
        return lwp

    def revive(thread):
        thread.state = "ready"
        if bound:
            lwp_line.append(thread.lwp)
        else:
            user_line.append(thread)
            summon()

    def summon():
        while len(user_line) > [lwp.thread for lwp in lwp_line].count(None):
            if upcall and len(lwp_line) + sum(p.lwp is not None for p in processors) >= pool:
                return
            if not bench and not upcall:
                return
            bench.sort(key=lambda lwp: lwp.rank)
            lwp_line.append(bench.pop(0) if bench else hire())

    def replace(cpu):
        lwp = cpu.lwp
        if not user_line:
            lwp.thread = None
            bench.append(lwp)
            cpu.lwp = None
            return
        thread = lwp.thread = user_line.popleft()
        thread.lwp, thread.state, thread.cpu = lwp, "running", cpu
        if lwp.before not in (None, thread):
            tally["user"] += 1
            cpu.lag += user_switch
        lwp.before = thread

    def proceed(cpu):
        while cpu.lwp is not None and cpu.lag == 0 and cpu.lwp.thread.todo == 0:
            cpu.lwp.thread.baton.release()
            back.acquire()
            if failures:
                raise failures[0]

    def pick(cpu):
        while lwp_line and lwp_line[0].thread is None and not user_line:
            bench.append(lwp_line.popleft())
        if not lwp_line:
            return False
        lwp = cpu.lwp = lwp_line.popleft()
        lwp.spent = 0
        if cpu.before not in (None, lwp):
            tally["kernel"] += 1
            cpu.lag += kernel_switch
        cpu.before = lwp
        if lwp.thread is None:
            replace(cpu)
        lwp.thread.state, lwp.thread.cpu = "running", cpu
        proceed(cpu)
        return True

    people = [
        Box(
            number=i, program=tuple(program), state="ready", todo=0, until=0, end=None, lwp=None, cpu=None,
            baton=Semaphore(0), started=False,
            count={"ready": 0, "io": 0, "lock": 0, "running": 0, "done": 0},
        )
        for i, program in enumerate(threads)
    ]  # fmt: skip
    for one in people:
        if bound:
            one.lwp = hire(one)
            lwp_line.append(one.lwp)
        else:
            user_line.append(one)
    if not bound:
        lwp_line.extend(hire() for _ in people[:pool])

    deadlock = None
    started = []
    try:
        for one in people:
            one.thread = Thread(target=body, args=(one,))
            one.thread.start()
            started.append(one)
        while True:
            for one in people:
                if one.state == "io" and one.until == clock:
                    if upcall:
                        one.lwp.thread = None
                        bench.append(one.lwp)
                        revive(one)
                    else:
                        one.state = "ready"
                        lwp_line.append(one.lwp)
            for cpu in processors:
                proceed(cpu)
            for cpu in processors:
                if quantum and cpu.lwp and not cpu.lag and cpu.lwp.spent >= quantum:
                    cpu.lwp.spent = 0
                    if lwp_line:
                        tally["mode"] += 2
                        cpu.lwp.thread.state = "ready"
                        lwp_line.append(cpu.lwp)
                        cpu.lwp = None
            again = True
            while again:
                again = False
                for cpu in processors:
                    if cpu.lwp is None:
                        again |= pick(cpu)
            if all(one.state == "done" for one in people):
                break
            if not any(cpu.lwp for cpu in processors) and not any(
                one.state == "io" for one in people
            ):
                deadlock = clock
                break
            for one in people:
                one.count[one.state] += 1
            for cpu in processors:
                if cpu.lwp is None:
                    cpu.drawn += "."
                elif cpu.lag:
                    cpu.lag -= 1
                    cpu.drawn += "*"
                else:
                    cpu.lwp.spent += 1
                    one = cpu.lwp.thread
                    one.todo -= 1
                    cpu.drawn += (
                        chr(65 + one.number)
                        if one.number < 26
                        else chr(71 + one.number)
                        if one.number < 52
                        else "?"
                    )
            clock += 1
    finally:
        over = True
        for one in started:
            one.baton.release()
            one.thread.join()

    return Result(
        makespan=clock,
        completion=[one.end for one in people],
        ready=[one.count["ready"] for one in people],
        io=[one.count["io"] for one in people],
        lock=[one.count["lock"] for one in people],
        user_switches=tally["user"],
        kernel_switches=tally["kernel"],
        mode_switches=tally["mode"],
        overhead=sum(cpu.drawn.count("*") for cpu in processors),
        gantt=[cpu.drawn for cpu in processors],
        deadlock=deadlock,
    )
