"""The worlds of all calls stand in one table, each under the number that its call has drawn from an
itertools.count, and is taken out at its end."""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
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


NUMBERS = itertools.count(1)
WORLDS = {}


def simulate(threads, model, **options):
    key = next(NUMBERS)  # which nobody else gets
    try:
        build(key, threads, model, **options)
        return run(key)
    finally:
        WORLDS.pop(key, None)


def run(key):
    while True:
        calls_that_complete(key)
        for cpu in WORLDS[key]["cpus"]:
            operations(key, cpu)
        for cpu in WORLDS[key]["cpus"]:
            timer(key, cpu)
        idle_cpus(key)
        if all(thread["end"] is not None for thread in WORLDS[key]["threads"]):
            return report(key, None)
        if all(cpu["lwp"] is None for cpu in WORLDS[key]["cpus"]) and not WORLDS[key]["calls"]:
            return report(key, WORLDS[key]["now"])
        tick(key)


def build(key, threads, model, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
    if model not in ("user", "kernel", "hybrid", "activations"):
        raise ValueError("unknown model")
    if cpus < 1 or lwps < 1 or user_switch < 0 or kernel_switch < 0:
        raise ValueError("a number is too small")
    if quantum is not None and quantum < 1:
        raise ValueError("quantum is too small")
    for program in threads:
        for operation in program:
            if not operation or operation[0] not in OPERATIONS:
                raise ValueError("unknown operation")
            if operation[0] in ("cpu", "io"):
                if len(operation) != 2 or type(operation[1]) is not int or operation[1] < 1:
                    raise ValueError("needs a whole number of ticks, at least 1")
    WORLDS[key] = {
        "model": model,
        "bound": model == "kernel",
        "limit": 1 if model == "user" else lwps,
        "user_switch": user_switch,
        "kernel_switch": kernel_switch,
        "quantum": quantum,
        "now": 0,
        "threads": [],
        "lwps": [],
        "cpus": [{"lwp": None, "last": None, "pay": 0, "gantt": ""} for _ in range(cpus)],
        "U": [],
        "R": [],
        "parked": [],
        "calls": [],
        "locks": {},
        "user": 0,
        "kernel": 0,
        "mode": 0,
    }
    for i, program in enumerate(threads):
        WORLDS[key]["threads"].append(
            {"id": i, "todo": list(reversed(list(program))), "cpu": 0, "end": None, "lwp": None,
             "lock_wait": False, "io": 0, "lock": 0, "ready": 0}
        )  # fmt: skip
    if WORLDS[key]["bound"]:
        for thread in WORLDS[key]["threads"]:
            thread["lwp"] = new_lwp(key, thread)
            WORLDS[key]["R"].append(thread["lwp"])
    else:
        WORLDS[key]["U"] += WORLDS[key]["threads"]
        WORLDS[key]["R"] += [new_lwp(key) for _ in WORLDS[key]["threads"][: WORLDS[key]["limit"]]]


def new_lwp(key, thread=None):
    lwp = {"id": len(WORLDS[key]["lwps"]), "thread": thread, "last": thread, "used": 0}
    WORLDS[key]["lwps"].append(lwp)
    return lwp


def same(one, other):
    return one is other


def wake(key):
    while len(WORLDS[key]["U"]) > sum(1 for lwp in WORLDS[key]["R"] if lwp["thread"] is None):
        if WORLDS[key]["model"] == "activations":
            running = sum(1 for cpu in WORLDS[key]["cpus"] if cpu["lwp"] is not None)
            if running + len(WORLDS[key]["R"]) >= WORLDS[key]["limit"]:
                return
            if not WORLDS[key]["parked"]:
                WORLDS[key]["parked"].append(new_lwp(key))
        if not WORLDS[key]["parked"]:
            return
        WORLDS[key]["parked"].sort(key=lambda lwp: lwp["id"])
        WORLDS[key]["R"].append(WORLDS[key]["parked"].pop(0))


def park(key, lwp):
    lwp["thread"] = None
    WORLDS[key]["parked"].append(lwp)


def take_thread(key, cpu):
    lwp = cpu["lwp"]
    if not WORLDS[key]["U"]:
        park(key, lwp)
        cpu["lwp"] = None
        return
    thread = WORLDS[key]["U"].pop(0)
    thread["lwp"] = lwp
    lwp["thread"] = thread
    if lwp["last"] is not None and not same(lwp["last"], thread):
        WORLDS[key]["user"] += 1
        cpu["pay"] += WORLDS[key]["user_switch"]
    lwp["last"] = thread


def operations(key, cpu):
    while cpu["lwp"] is not None and cpu["pay"] == 0 and cpu["lwp"]["thread"]["cpu"] == 0:
        thread = cpu["lwp"]["thread"]
        if thread["todo"]:
            name, *operand = thread["todo"].pop()
            OPERATIONS[name](key, cpu, thread, *operand)
        else:
            thread["end"] = WORLDS[key]["now"]
            take_thread(key, cpu)


def op_cpu(key, cpu, thread, n):
    thread["cpu"] = n


def op_io(key, cpu, thread, n):
    WORLDS[key]["mode"] += 2
    WORLDS[key]["calls"].append([WORLDS[key]["now"] + n, thread["id"]])
    cpu["lwp"] = None
    if WORLDS[key]["model"] == "activations":
        wake(key)


def op_lock(key, cpu, thread, name):
    if name not in WORLDS[key]["locks"]:
        WORLDS[key]["locks"][name] = [thread]
        return
    WORLDS[key]["locks"][name].append(thread)
    thread["lock_wait"] = True
    if WORLDS[key]["bound"]:
        WORLDS[key]["mode"] += 2
        cpu["lwp"] = None
    else:
        take_thread(key, cpu)


def op_unlock(key, cpu, thread, name):
    line = WORLDS[key]["locks"].get(name)
    if line is None or not same(line[0], thread):
        raise ValueError("lock not held")
    line.pop(0)
    if not line:
        del WORLDS[key]["locks"][name]
        return
    line[0]["lock_wait"] = False
    if WORLDS[key]["bound"]:
        WORLDS[key]["R"].append(line[0]["lwp"])
    else:
        WORLDS[key]["U"].append(line[0])
        wake(key)


def op_yield(key, cpu, thread):
    if WORLDS[key]["bound"]:
        if WORLDS[key]["R"]:
            WORLDS[key]["mode"] += 2
            WORLDS[key]["R"].append(cpu["lwp"])
            cpu["lwp"] = None
    elif WORLDS[key]["U"]:
        WORLDS[key]["U"].append(thread)
        take_thread(key, cpu)


OPERATIONS = {
    "cpu": op_cpu,
    "io": op_io,
    "lock": op_lock,
    "unlock": op_unlock,
    "yield": op_yield,
}


def calls_that_complete(key):
    due = sorted(call for call in WORLDS[key]["calls"] if call[0] == WORLDS[key]["now"])
    for call in due:
        WORLDS[key]["calls"].remove(call)
        thread = WORLDS[key]["threads"][call[1]]
        if WORLDS[key]["model"] == "activations":
            park(key, thread["lwp"])
            WORLDS[key]["U"].append(thread)
            wake(key)
        else:
            WORLDS[key]["R"].append(thread["lwp"])


def timer(key, cpu):
    lwp = cpu["lwp"]
    if (
        lwp is None
        or cpu["pay"]
        or WORLDS[key]["quantum"] is None
        or lwp["used"] < WORLDS[key]["quantum"]
    ):
        return
    lwp["used"] = 0
    if WORLDS[key]["R"]:
        WORLDS[key]["mode"] += 2
        WORLDS[key]["R"].append(lwp)
        cpu["lwp"] = None


def idle_cpus(key):
    before = None
    while before != (before := snapshot(key)):
        for cpu in WORLDS[key]["cpus"]:
            if cpu["lwp"] is None:
                take_lwp(key, cpu)


def snapshot(key):
    """What a pass can change."""
    return (
        [cpu["lwp"] and cpu["lwp"]["id"] for cpu in WORLDS[key]["cpus"]],
        [lwp["id"] for lwp in WORLDS[key]["R"]],
        [len(thread["todo"]) for thread in WORLDS[key]["threads"]],
        [thread["end"] for thread in WORLDS[key]["threads"]],
    )


def take_lwp(key, cpu):
    while WORLDS[key]["R"]:
        lwp = WORLDS[key]["R"].pop(0)
        if lwp["thread"] is None and not WORLDS[key]["U"]:
            park(key, lwp)
            continue
        cpu["lwp"] = lwp
        lwp["used"] = 0
        if cpu["last"] is not None and not same(cpu["last"], lwp):
            WORLDS[key]["kernel"] += 1
            cpu["pay"] += WORLDS[key]["kernel_switch"]
        cpu["last"] = lwp
        if lwp["thread"] is None:
            take_thread(key, cpu)
        operations(key, cpu)
        return


def tick(key):
    running = [cpu["lwp"]["thread"]["id"] for cpu in WORLDS[key]["cpus"] if cpu["lwp"] is not None]
    calling = [number for _, number in WORLDS[key]["calls"]]
    for thread in WORLDS[key]["threads"]:
        if thread["end"] is not None or thread["id"] in running:
            continue
        if thread["id"] in calling:
            thread["io"] += 1
        elif thread["lock_wait"]:
            thread["lock"] += 1
        else:
            thread["ready"] += 1
    for cpu in WORLDS[key]["cpus"]:
        if cpu["lwp"] is None:
            cpu["gantt"] += "."
        elif cpu["pay"]:
            cpu["pay"] -= 1
            cpu["gantt"] += "*"
        else:
            thread = cpu["lwp"]["thread"]
            thread["cpu"] -= 1
            cpu["lwp"]["used"] += 1
            letters = string.ascii_uppercase + string.ascii_lowercase
            cpu["gantt"] += (letters + "?")[min(thread["id"], 52)]
    WORLDS[key]["now"] += 1


def report(key, deadlock):
    threads, cpus = WORLDS[key]["threads"], WORLDS[key]["cpus"]
    return Result(
        makespan=WORLDS[key]["now"],
        completion=[thread["end"] for thread in threads],
        ready=[thread["ready"] for thread in threads],
        io=[thread["io"] for thread in threads],
        lock=[thread["lock"] for thread in threads],
        user_switches=WORLDS[key]["user"],
        kernel_switches=WORLDS[key]["kernel"],
        mode_switches=WORLDS[key]["mode"],
        overhead=sum(cpu["gantt"].count("*") for cpu in cpus),
        gantt=[cpu["gantt"] for cpu in cpus],
        deadlock=deadlock,
    )
