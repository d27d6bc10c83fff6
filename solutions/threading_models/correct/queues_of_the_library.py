"""Threads and LWPs wait in queues of the `queue` module: SimpleQueue for U and R, PriorityQueue for parked
LWPs and calls."""

from dataclasses import dataclass
from queue import PriorityQueue
from queue import SimpleQueue as Q


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


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _validate(threads, model, cpus, lwps, user_switch, kernel_switch, quantum):
    if model not in ("user", "kernel", "hybrid", "activations"):
        raise ValueError("model")
    if cpus < 1 or lwps < 1 or user_switch < 0 or kernel_switch < 0:
        raise ValueError("counts and costs")
    if quantum is not None and quantum < 1:
        raise ValueError("quantum")
    for thread in threads:
        for op in thread:
            if op[0] in ("cpu", "io"):
                if op[1] < 1:
                    raise ValueError("ticks")
            elif op[0] not in ("lock", "unlock", "yield"):
                raise ValueError("operation")


def simulate(threads, model, *, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
    _validate(threads, model, cpus, lwps, user_switch, kernel_switch, quantum)
    n = len(threads)
    kernel = model == "kernel"
    upcalls = model == "activations"
    if model == "user":
        lwps = 1

    # threads
    pc = [0] * n
    left = [0] * n
    state = ["ready"] * n
    since = [0] * n
    spent = {name: [0] * n for name in ("ready", "io", "lock", "running")}
    completion = [None] * n
    lwp_of = [None] * n
    # LWPs
    holds, took, budget = [], [], []
    # CPUs
    runs = [None] * cpus
    ran = [None] * cpus
    busy_until = [0] * cpus  # the end of the switch under way
    chart = [[] for _ in range(cpus)]
    # the rest
    user_q, ready_q, parked, calls = Q(), Q(), PriorityQueue(), PriorityQueue()
    coming = set()  # the LWPs in R that hold no thread
    owner, waiting = {}, {}
    figures = {"user": 0, "kernel": 0, "mode": 0}
    now = 0

    def make(thread=None):
        holds.append(thread)
        took.append(thread)
        budget.append(0)
        return len(holds) - 1

    def become(thread, new):
        if state[thread] in spent:
            spent[state[thread]][thread] += now - since[thread]
        state[thread] = new
        since[thread] = now

    def enqueue_lwp(lwp):
        if holds[lwp] is not None:
            become(holds[lwp], "ready")
        else:
            coming.add(lwp)
        ready_q.put(lwp)

    def wake():
        while user_q.qsize() > len(coming):
            if upcalls:
                if ready_q.qsize() + sum(lwp is not None for lwp in runs) >= lwps:
                    break
                if parked.empty():
                    parked.put(make())
            if parked.empty():
                break
            enqueue_lwp(parked.get())

    def enqueue_thread(thread):
        become(thread, "ready")
        user_q.put(thread)
        wake()

    def switch(cpu, kind, cost):
        figures[kind] += 1
        busy_until[cpu] = max(busy_until[cpu], now) + cost

    def next_thread(cpu, lwp):
        if not user_q.empty():
            thread = user_q.get()
            become(thread, "running")
            holds[lwp] = thread
            lwp_of[thread] = lwp
            if took[lwp] is not None and took[lwp] != thread:
                switch(cpu, "user", user_switch)
            took[lwp] = thread
        else:
            holds[lwp] = None
            parked.put(lwp)
            runs[cpu] = None

    def operate(cpu):
        while True:
            lwp = runs[cpu]
            if lwp is None or busy_until[cpu] > now or left[holds[lwp]] > 0:
                return
            thread = holds[lwp]
            if pc[thread] == len(threads[thread]):
                become(thread, "done")
                completion[thread] = now
                next_thread(cpu, lwp)
                continue
            op = threads[thread][pc[thread]]
            pc[thread] += 1
            if op[0] == "cpu":
                left[thread] = op[1]
            elif op[0] == "io":
                figures["mode"] += 2
                become(thread, "io")
                calls.put((now + op[1], thread))
                runs[cpu] = None
                if upcalls:
                    wake()
            elif op[0] == "lock":
                if owner.get(op[1]) is None:
                    owner[op[1]] = thread
                else:
                    waiting.setdefault(op[1], []).append(thread)
                    become(thread, "lock")
                    if kernel:
                        figures["mode"] += 2
                        runs[cpu] = None
                    else:
                        next_thread(cpu, lwp)
            elif op[0] == "unlock":
                if owner.get(op[1]) != thread:
                    raise ValueError("not held")
                heirs = waiting.get(op[1])
                if heirs:
                    heir = heirs.pop(0)
                    owner[op[1]] = heir
                    if kernel:
                        enqueue_lwp(lwp_of[heir])
                    else:
                        enqueue_thread(heir)
                else:
                    owner[op[1]] = None
            elif kernel:
                if not ready_q.empty():
                    figures["mode"] += 2
                    runs[cpu] = None
                    enqueue_lwp(lwp)
            elif not user_q.empty():
                become(thread, "ready")
                user_q.put(thread)
                next_thread(cpu, lwp)

    def take(cpu):
        while not ready_q.empty():
            lwp = ready_q.get()
            coming.discard(lwp)
            if holds[lwp] is None and user_q.empty():
                parked.put(lwp)
                continue
            runs[cpu] = lwp
            budget[lwp] = 0
            if ran[cpu] is not None and ran[cpu] != lwp:
                switch(cpu, "kernel", kernel_switch)
            ran[cpu] = lwp
            if holds[lwp] is None:
                next_thread(cpu, lwp)
            else:
                become(holds[lwp], "running")
            operate(cpu)
            return True
        return False

    if kernel:
        for thread in range(n):
            lwp_of[thread] = make(thread)
            ready_q.put(lwp_of[thread])
    else:
        for thread in range(n):
            user_q.put(thread)
        for _ in range(min(lwps, n)):
            enqueue_lwp(make())

    deadlock = None
    while True:
        while not calls.empty() and calls.queue[0][0] <= now:
            _, thread = calls.get()
            lwp = lwp_of[thread]
            if upcalls:
                holds[lwp] = None
                parked.put(lwp)
                enqueue_thread(thread)
            else:
                enqueue_lwp(lwp)
        for cpu in range(cpus):
            operate(cpu)
        for cpu, lwp in enumerate(runs):
            if quantum and lwp is not None and busy_until[cpu] <= now and budget[lwp] >= quantum:
                if not ready_q.empty():
                    figures["mode"] += 2
                    runs[cpu] = None
                    enqueue_lwp(lwp)
                else:
                    budget[lwp] = 0
        while any([take(cpu) for cpu in range(cpus) if runs[cpu] is None]):
            pass

        if None not in completion:
            break
        upcoming = [when for when, _ in calls.queue]
        for cpu, lwp in enumerate(runs):
            if lwp is None:
                continue
            if busy_until[cpu] > now:
                upcoming.append(busy_until[cpu])
            else:
                upcoming.append(now + left[holds[lwp]])
                if quantum:
                    upcoming.append(now + quantum - budget[lwp])
        if not upcoming:
            deadlock = now
            break
        step = min(upcoming) - now
        for cpu, lwp in enumerate(runs):
            if lwp is None:
                chart[cpu].append("." * step)
            elif busy_until[cpu] > now:
                chart[cpu].append("*" * step)
            else:
                thread = holds[lwp]
                left[thread] -= step
                budget[lwp] += step
                chart[cpu].append((ALPHABET[thread] if thread < 52 else "?") * step)
        now += step

    for thread in range(n):
        become(thread, "over")
    gantt = ["".join(pieces) for pieces in chart]
    return Result(
        makespan=now,
        completion=completion,
        ready=spent["ready"],
        io=spent["io"],
        lock=spent["lock"],
        user_switches=figures["user"],
        kernel_switches=figures["kernel"],
        mode_switches=figures["mode"],
        overhead="".join(gantt).count("*"),
        gantt=gantt,
        deadlock=deadlock,
    )
