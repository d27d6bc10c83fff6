# wrong: after a deadlock the makespan is that of the last completion, if there was one
# fails: test_what_a_deadlock_leaves

"""Threading models in the old style: the state is in the module, and belongs to one call at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
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


one_at_a_time = threading.Lock()

# All of these belong to the call that holds the lock.
now = 0
is_kernel = is_activations = False
limit = user_cost = kernel_cost = quantum_ticks = 0
user_switches = kernel_switches = mode_switches = 0
programs = []
position = []
remaining = []
where = []
call_end = []
thread_lwp = []
done_at = []
waited = {}
u_queue = []
r_queue = []
parked = []
lwp_thread = []
lwp_last = []
cpu_lwp = []
cpu_last = []
cpu_switch = []
cpu_used = []
charts = []
lock_owner = {}
lock_queue = {}


def reset(threads, model, cpus, lwps, user_switch, kernel_switch, quantum):
    global now, is_kernel, is_activations, limit, user_cost, kernel_cost, quantum_ticks
    global user_switches, kernel_switches, mode_switches
    global programs, position, remaining, where, call_end, thread_lwp, done_at, waited
    global u_queue, r_queue, parked, lwp_thread, lwp_last
    global cpu_lwp, cpu_last, cpu_switch, cpu_used, charts, lock_owner, lock_queue
    n = len(threads)
    now = 0
    is_kernel, is_activations = model == "kernel", model == "activations"
    limit = 1 if model == "user" else lwps
    user_cost, kernel_cost, quantum_ticks = user_switch, kernel_switch, quantum
    user_switches = kernel_switches = mode_switches = 0
    programs = [list(t) for t in threads]
    position, remaining = [0] * n, [0] * n
    where = ["ready"] * n
    call_end, done_at = [None] * n, [None] * n
    waited = {"ready": [0] * n, "io": [0] * n, "lock": [0] * n}
    parked = []
    if is_kernel:
        u_queue = []
        r_queue = list(range(n))
        thread_lwp, lwp_thread, lwp_last = list(range(n)), list(range(n)), list(range(n))
    else:
        u_queue = list(range(n))
        r_queue = list(range(min(limit, n)))
        thread_lwp = [None] * n
        lwp_thread, lwp_last = [None] * len(r_queue), [None] * len(r_queue)
    cpu_lwp, cpu_last, cpu_switch, cpu_used = [None] * cpus, [None] * cpus, [0] * cpus, [0] * cpus
    charts = [[] for _ in range(cpus)]
    lock_owner, lock_queue = {}, {}


def wake_up():
    while len(u_queue) > sum(1 for w in r_queue if lwp_thread[w] is None):
        if is_activations and len(r_queue) + len(cpu_lwp) - cpu_lwp.count(None) >= limit:
            break
        if parked:
            parked.sort()
            r_queue.append(parked.pop(0))
        elif is_activations:
            lwp_thread.append(None)
            lwp_last.append(None)
            r_queue.append(len(lwp_thread) - 1)
        else:
            break


def next_thread(c):
    global user_switches
    w = cpu_lwp[c]
    if not u_queue:
        lwp_thread[w] = None
        parked.append(w)
        cpu_lwp[c] = None
        return
    t = u_queue.pop(0)
    where[t] = "running"
    lwp_thread[w], thread_lwp[t] = t, w
    if lwp_last[w] is not None and lwp_last[w] != t:
        user_switches += 1
        cpu_switch[c] += user_cost
    lwp_last[w] = t


def to_r_tail(c):
    global mode_switches
    mode_switches += 2
    where[lwp_thread[cpu_lwp[c]]] = "ready"
    r_queue.append(cpu_lwp[c])
    cpu_lwp[c] = None


def run_operations(c):
    global mode_switches
    while cpu_lwp[c] is not None and cpu_switch[c] == 0:
        t = lwp_thread[cpu_lwp[c]]
        if remaining[t] > 0:
            return
        if position[t] >= len(programs[t]):
            where[t] = "complete"
            done_at[t] = now
            if is_kernel:
                cpu_lwp[c] = None
            else:
                next_thread(c)
            continue
        operation = programs[t][position[t]]
        position[t] += 1
        if operation[0] == "cpu":
            remaining[t] = operation[1]
        elif operation[0] == "io":
            mode_switches += 2
            where[t] = "io"
            call_end[t] = now + operation[1]
            cpu_lwp[c] = None
            if is_activations:
                wake_up()
        elif operation[0] == "lock":
            name = operation[1]
            if name not in lock_owner:
                lock_owner[name] = t
                lock_queue[name] = []
            else:
                lock_queue[name].append(t)
                where[t] = "lock"
                if is_kernel:
                    mode_switches += 2
                    cpu_lwp[c] = None
                else:
                    next_thread(c)
        elif operation[0] == "unlock":
            name = operation[1]
            if name not in lock_owner or lock_owner[name] != t:
                raise ValueError(f"thread {t} does not hold {name!r}")
            if lock_queue[name]:
                heir = lock_queue[name].pop(0)
                lock_owner[name] = heir
                where[heir] = "ready"
                if is_kernel:
                    r_queue.append(thread_lwp[heir])
                else:
                    u_queue.append(heir)
                    wake_up()
            else:
                del lock_owner[name]
        elif is_kernel:
            if r_queue:
                to_r_tail(c)
        elif u_queue:
            where[t] = "ready"
            u_queue.append(t)
            next_thread(c)


def complete_calls():
    for t in range(len(where)):
        if where[t] == "io" and call_end[t] == now:
            where[t] = "ready"
            w = thread_lwp[t]
            if is_activations:
                lwp_thread[w] = None
                parked.append(w)
                u_queue.append(t)
                wake_up()
            else:
                r_queue.append(w)


def check_quanta():
    for c in range(len(cpu_lwp)):
        if cpu_lwp[c] is not None and cpu_switch[c] == 0 and cpu_used[c] >= quantum_ticks:
            if r_queue:
                to_r_tail(c)
            else:
                cpu_used[c] = 0


def serve_idle_cpus():
    global kernel_switches
    changed = False
    for c in range(len(cpu_lwp)):
        if cpu_lwp[c] is not None or not r_queue:
            continue
        changed = True
        w = r_queue.pop(0)
        if lwp_thread[w] is None and not u_queue:
            parked.append(w)
            continue
        if cpu_last[c] is not None and cpu_last[c] != w:
            kernel_switches += 1
            cpu_switch[c] = kernel_cost
        cpu_lwp[c] = cpu_last[c] = w
        cpu_used[c] = 0
        if lwp_thread[w] is None:
            next_thread(c)
        else:
            where[lwp_thread[w]] = "running"
        run_operations(c)
    return changed


def pass_a_tick():
    global now
    for c in range(len(cpu_lwp)):
        if cpu_lwp[c] is None:
            charts[c].append(".")
        elif cpu_switch[c] > 0:
            cpu_switch[c] -= 1
            charts[c].append("*")
        else:
            t = lwp_thread[cpu_lwp[c]]
            remaining[t] -= 1
            cpu_used[c] += 1
            charts[c].append(chr(ord("A") + t) if t < 26 else chr(ord("a") + t - 26) if t < 52 else "?")
    for t, place in enumerate(where):
        if place in waited:
            waited[place][t] += 1
    now += 1


def play():
    while True:
        complete_calls()
        for c in range(len(cpu_lwp)):
            run_operations(c)
        if quantum_ticks is not None:
            check_quanta()
        while serve_idle_cpus():
            pass
        if where.count("complete") == len(where):
            return None
        if "io" not in where and cpu_lwp.count(None) == len(cpu_lwp):
            return now
        pass_a_tick()


def check_arguments(threads, model, cpus, lwps, user_switch, kernel_switch, quantum):
    if model not in ("user", "kernel", "hybrid", "activations"):
        raise ValueError(f"model {model!r}")
    check_number("cpus", cpus, 1)
    check_number("lwps", lwps, 1)
    check_number("user_switch", user_switch, 0)
    check_number("kernel_switch", kernel_switch, 0)
    if quantum is not None:
        check_number("quantum", quantum, 1)
    for operations in threads:
        for operation in operations:
            if not isinstance(operation, Sequence) or isinstance(operation, str) or not operation:
                raise ValueError(f"operation {operation!r}")
            kind, arguments = operation[0], operation[1:]
            if kind in ("cpu", "io") and len(arguments) == 1:
                check_number(kind, arguments[0], 1)
            elif kind in ("lock", "unlock") and len(arguments) == 1:
                pass
            elif kind == "yield" and not arguments:
                pass
            else:
                raise ValueError(f"operation {operation!r}")


def check_number(name, value, least):
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is not an int: {value!r}")
    if value < least:
        raise ValueError(f"{name} is less than {least}: {value}")


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
    check_arguments(threads, model, cpus, lwps, user_switch, kernel_switch, quantum)
    with one_at_a_time:
        reset(threads, model, cpus, lwps, user_switch, kernel_switch, quantum)
        deadlock = play()
        gantt = ["".join(chart) for chart in charts]
        return Result(
            makespan=max((when for when in done_at if when is not None), default=now),
            completion=list(done_at),
            ready=list(waited["ready"]),
            io=list(waited["io"]),
            lock=list(waited["lock"]),
            user_switches=user_switches,
            kernel_switches=kernel_switches,
            mode_switches=mode_switches,
            overhead=sum(line.count("*") for line in gantt),
            gantt=gantt,
            deadlock=deadlock,
        )
