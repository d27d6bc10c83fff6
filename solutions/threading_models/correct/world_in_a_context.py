"""The world of a call is found through a context variable, set for the call and put back after it."""

from __future__ import annotations

import contextvars
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


WORLD = contextvars.ContextVar("WORLD")


def simulate(threads, model, **options):
    token = WORLD.set(build(threads, model, **options))
    try:
        return run()
    finally:
        WORLD.reset(token)


def run():
    while True:
        calls_that_complete()
        for cpu in WORLD.get()["cpus"]:
            operations(cpu)
        for cpu in WORLD.get()["cpus"]:
            timer(cpu)
        idle_cpus()
        if all(thread["end"] is not None for thread in WORLD.get()["threads"]):
            return report(None)
        if all(cpu["lwp"] is None for cpu in WORLD.get()["cpus"]) and not WORLD.get()["calls"]:
            return report(WORLD.get()["now"])
        tick()


def build(threads, model, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
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
    world = {
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
        world["threads"].append(
            {"id": i, "todo": list(reversed(list(program))), "cpu": 0, "end": None, "lwp": None,
             "lock_wait": False, "io": 0, "lock": 0, "ready": 0}
        )  # fmt: skip
    if world["bound"]:
        for thread in world["threads"]:
            thread["lwp"] = new_lwp(world, thread)
            world["R"].append(thread["lwp"])
    else:
        world["U"] += world["threads"]
        world["R"] += [new_lwp(world) for _ in world["threads"][: world["limit"]]]
    return world


def new_lwp(world, thread=None):
    lwp = {"id": len(world["lwps"]), "thread": thread, "last": thread, "used": 0}
    world["lwps"].append(lwp)
    return lwp


def same(one, other):
    return one is other


def wake():
    while len(WORLD.get()["U"]) > sum(1 for lwp in WORLD.get()["R"] if lwp["thread"] is None):
        if WORLD.get()["model"] == "activations":
            running = sum(1 for cpu in WORLD.get()["cpus"] if cpu["lwp"] is not None)
            if running + len(WORLD.get()["R"]) >= WORLD.get()["limit"]:
                return
            if not WORLD.get()["parked"]:
                WORLD.get()["parked"].append(new_lwp(WORLD.get()))
        if not WORLD.get()["parked"]:
            return
        WORLD.get()["parked"].sort(key=lambda lwp: lwp["id"])
        WORLD.get()["R"].append(WORLD.get()["parked"].pop(0))


def park(lwp):
    lwp["thread"] = None
    WORLD.get()["parked"].append(lwp)


def take_thread(cpu):
    lwp = cpu["lwp"]
    if not WORLD.get()["U"]:
        park(lwp)
        cpu["lwp"] = None
        return
    thread = WORLD.get()["U"].pop(0)
    thread["lwp"] = lwp
    lwp["thread"] = thread
    if lwp["last"] is not None and not same(lwp["last"], thread):
        WORLD.get()["user"] += 1
        cpu["pay"] += WORLD.get()["user_switch"]
    lwp["last"] = thread


def operations(cpu):
    while cpu["lwp"] is not None and cpu["pay"] == 0 and cpu["lwp"]["thread"]["cpu"] == 0:
        thread = cpu["lwp"]["thread"]
        if thread["todo"]:
            name, *operand = thread["todo"].pop()
            OPERATIONS[name](cpu, thread, *operand)
        else:
            thread["end"] = WORLD.get()["now"]
            take_thread(cpu)


def op_cpu(cpu, thread, n):
    thread["cpu"] = n


def op_io(cpu, thread, n):
    WORLD.get()["mode"] += 2
    WORLD.get()["calls"].append([WORLD.get()["now"] + n, thread["id"]])
    cpu["lwp"] = None
    if WORLD.get()["model"] == "activations":
        wake()


def op_lock(cpu, thread, name):
    if name not in WORLD.get()["locks"]:
        WORLD.get()["locks"][name] = [thread]
        return
    WORLD.get()["locks"][name].append(thread)
    thread["lock_wait"] = True
    if WORLD.get()["bound"]:
        WORLD.get()["mode"] += 2
        cpu["lwp"] = None
    else:
        take_thread(cpu)


def op_unlock(cpu, thread, name):
    line = WORLD.get()["locks"].get(name)
    if line is None or not same(line[0], thread):
        raise ValueError("lock not held")
    line.pop(0)
    if not line:
        del WORLD.get()["locks"][name]
        return
    line[0]["lock_wait"] = False
    if WORLD.get()["bound"]:
        WORLD.get()["R"].append(line[0]["lwp"])
    else:
        WORLD.get()["U"].append(line[0])
        wake()


def op_yield(cpu, thread):
    if WORLD.get()["bound"]:
        if WORLD.get()["R"]:
            WORLD.get()["mode"] += 2
            WORLD.get()["R"].append(cpu["lwp"])
            cpu["lwp"] = None
    elif WORLD.get()["U"]:
        WORLD.get()["U"].append(thread)
        take_thread(cpu)


OPERATIONS = {
    "cpu": op_cpu,
    "io": op_io,
    "lock": op_lock,
    "unlock": op_unlock,
    "yield": op_yield,
}


def calls_that_complete():
    due = sorted(call for call in WORLD.get()["calls"] if call[0] == WORLD.get()["now"])
    for call in due:
        WORLD.get()["calls"].remove(call)
        thread = WORLD.get()["threads"][call[1]]
        if WORLD.get()["model"] == "activations":
            park(thread["lwp"])
            WORLD.get()["U"].append(thread)
            wake()
        else:
            WORLD.get()["R"].append(thread["lwp"])


def timer(cpu):
    lwp = cpu["lwp"]
    if (
        lwp is None
        or cpu["pay"]
        or WORLD.get()["quantum"] is None
        or lwp["used"] < WORLD.get()["quantum"]
    ):
        return
    lwp["used"] = 0
    if WORLD.get()["R"]:
        WORLD.get()["mode"] += 2
        WORLD.get()["R"].append(lwp)
        cpu["lwp"] = None


def idle_cpus():
    before = None
    while before != (before := snapshot()):
        for cpu in WORLD.get()["cpus"]:
            if cpu["lwp"] is None:
                take_lwp(cpu)


def snapshot():
    """What a pass can change."""
    return (
        [cpu["lwp"] and cpu["lwp"]["id"] for cpu in WORLD.get()["cpus"]],
        [lwp["id"] for lwp in WORLD.get()["R"]],
        [len(thread["todo"]) for thread in WORLD.get()["threads"]],
        [thread["end"] for thread in WORLD.get()["threads"]],
    )


def take_lwp(cpu):
    while WORLD.get()["R"]:
        lwp = WORLD.get()["R"].pop(0)
        if lwp["thread"] is None and not WORLD.get()["U"]:
            park(lwp)
            continue
        cpu["lwp"] = lwp
        lwp["used"] = 0
        if cpu["last"] is not None and not same(cpu["last"], lwp):
            WORLD.get()["kernel"] += 1
            cpu["pay"] += WORLD.get()["kernel_switch"]
        cpu["last"] = lwp
        if lwp["thread"] is None:
            take_thread(cpu)
        operations(cpu)
        return


def tick():
    running = [cpu["lwp"]["thread"]["id"] for cpu in WORLD.get()["cpus"] if cpu["lwp"] is not None]
    calling = [number for _, number in WORLD.get()["calls"]]
    for thread in WORLD.get()["threads"]:
        if thread["end"] is not None or thread["id"] in running:
            continue
        if thread["id"] in calling:
            thread["io"] += 1
        elif thread["lock_wait"]:
            thread["lock"] += 1
        else:
            thread["ready"] += 1
    for cpu in WORLD.get()["cpus"]:
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
    WORLD.get()["now"] += 1


def report(deadlock):
    threads, cpus = WORLD.get()["threads"], WORLD.get()["cpus"]
    return Result(
        makespan=WORLD.get()["now"],
        completion=[thread["end"] for thread in threads],
        ready=[thread["ready"] for thread in threads],
        io=[thread["io"] for thread in threads],
        lock=[thread["lock"] for thread in threads],
        user_switches=WORLD.get()["user"],
        kernel_switches=WORLD.get()["kernel"],
        mode_switches=WORLD.get()["mode"],
        overhead=sum(cpu["gantt"].count("*") for cpu in cpus),
        gantt=[cpu["gantt"] for cpu in cpus],
        deadlock=deadlock,
    )
