"""The world is kept in a threading.local: each thread that simulates has its own, made anew for each call."""

from __future__ import annotations

import string
import threading
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


class Here(threading.local):
    world = None


here = Here()


def simulate(threads, model, **options):
    build(threads, model, **options)
    while True:
        calls_that_complete()
        for cpu in here.world["cpus"]:
            operations(cpu)
        for cpu in here.world["cpus"]:
            timer(cpu)
        idle_cpus()
        if all(thread["end"] is not None for thread in here.world["threads"]):
            return report(None)
        if all(cpu["lwp"] is None for cpu in here.world["cpus"]) and not here.world["calls"]:
            return report(here.world["now"])
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
    here.world = {
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
        here.world["threads"].append(
            {"id": i, "todo": list(reversed(list(program))), "cpu": 0, "end": None, "lwp": None,
             "lock_wait": False, "io": 0, "lock": 0, "ready": 0}
        )  # fmt: skip
    if here.world["bound"]:
        for thread in here.world["threads"]:
            thread["lwp"] = new_lwp(thread)
            here.world["R"].append(thread["lwp"])
    else:
        here.world["U"] += here.world["threads"]
        here.world["R"] += [new_lwp() for _ in here.world["threads"][: here.world["limit"]]]


def new_lwp(thread=None):
    lwp = {"id": len(here.world["lwps"]), "thread": thread, "last": thread, "used": 0}
    here.world["lwps"].append(lwp)
    return lwp


def same(one, other):
    return one is other


def wake():
    while len(here.world["U"]) > sum(1 for lwp in here.world["R"] if lwp["thread"] is None):
        if here.world["model"] == "activations":
            running = sum(1 for cpu in here.world["cpus"] if cpu["lwp"] is not None)
            if running + len(here.world["R"]) >= here.world["limit"]:
                return
            if not here.world["parked"]:
                here.world["parked"].append(new_lwp())
        if not here.world["parked"]:
            return
        here.world["parked"].sort(key=lambda lwp: lwp["id"])
        here.world["R"].append(here.world["parked"].pop(0))


def park(lwp):
    lwp["thread"] = None
    here.world["parked"].append(lwp)


def take_thread(cpu):
    lwp = cpu["lwp"]
    if not here.world["U"]:
        park(lwp)
        cpu["lwp"] = None
        return
    thread = here.world["U"].pop(0)
    thread["lwp"] = lwp
    lwp["thread"] = thread
    if lwp["last"] is not None and not same(lwp["last"], thread):
        here.world["user"] += 1
        cpu["pay"] += here.world["user_switch"]
    lwp["last"] = thread


def operations(cpu):
    while cpu["lwp"] is not None and cpu["pay"] == 0 and cpu["lwp"]["thread"]["cpu"] == 0:
        thread = cpu["lwp"]["thread"]
        if thread["todo"]:
            name, *operand = thread["todo"].pop()
            OPERATIONS[name](cpu, thread, *operand)
        else:
            thread["end"] = here.world["now"]
            take_thread(cpu)


def op_cpu(cpu, thread, n):
    thread["cpu"] = n


def op_io(cpu, thread, n):
    here.world["mode"] += 2
    here.world["calls"].append([here.world["now"] + n, thread["id"]])
    cpu["lwp"] = None
    if here.world["model"] == "activations":
        wake()


def op_lock(cpu, thread, name):
    if name not in here.world["locks"]:
        here.world["locks"][name] = [thread]
        return
    here.world["locks"][name].append(thread)
    thread["lock_wait"] = True
    if here.world["bound"]:
        here.world["mode"] += 2
        cpu["lwp"] = None
    else:
        take_thread(cpu)


def op_unlock(cpu, thread, name):
    line = here.world["locks"].get(name)
    if line is None or not same(line[0], thread):
        raise ValueError("lock not held")
    line.pop(0)
    if not line:
        del here.world["locks"][name]
        return
    line[0]["lock_wait"] = False
    if here.world["bound"]:
        here.world["R"].append(line[0]["lwp"])
    else:
        here.world["U"].append(line[0])
        wake()


def op_yield(cpu, thread):
    if here.world["bound"]:
        if here.world["R"]:
            here.world["mode"] += 2
            here.world["R"].append(cpu["lwp"])
            cpu["lwp"] = None
    elif here.world["U"]:
        here.world["U"].append(thread)
        take_thread(cpu)


OPERATIONS = {
    "cpu": op_cpu,
    "io": op_io,
    "lock": op_lock,
    "unlock": op_unlock,
    "yield": op_yield,
}


def calls_that_complete():
    due = sorted(call for call in here.world["calls"] if call[0] == here.world["now"])
    for call in due:
        here.world["calls"].remove(call)
        thread = here.world["threads"][call[1]]
        if here.world["model"] == "activations":
            park(thread["lwp"])
            here.world["U"].append(thread)
            wake()
        else:
            here.world["R"].append(thread["lwp"])


def timer(cpu):
    lwp = cpu["lwp"]
    if (
        lwp is None
        or cpu["pay"]
        or here.world["quantum"] is None
        or lwp["used"] < here.world["quantum"]
    ):
        return
    lwp["used"] = 0
    if here.world["R"]:
        here.world["mode"] += 2
        here.world["R"].append(lwp)
        cpu["lwp"] = None


def idle_cpus():
    before = None
    while before != (before := snapshot()):
        for cpu in here.world["cpus"]:
            if cpu["lwp"] is None:
                take_lwp(cpu)


def snapshot():
    """What a pass can change."""
    return (
        [cpu["lwp"] and cpu["lwp"]["id"] for cpu in here.world["cpus"]],
        [lwp["id"] for lwp in here.world["R"]],
        [len(thread["todo"]) for thread in here.world["threads"]],
        [thread["end"] for thread in here.world["threads"]],
    )


def take_lwp(cpu):
    while here.world["R"]:
        lwp = here.world["R"].pop(0)
        if lwp["thread"] is None and not here.world["U"]:
            park(lwp)
            continue
        cpu["lwp"] = lwp
        lwp["used"] = 0
        if cpu["last"] is not None and not same(cpu["last"], lwp):
            here.world["kernel"] += 1
            cpu["pay"] += here.world["kernel_switch"]
        cpu["last"] = lwp
        if lwp["thread"] is None:
            take_thread(cpu)
        operations(cpu)
        return


def tick():
    running = [cpu["lwp"]["thread"]["id"] for cpu in here.world["cpus"] if cpu["lwp"] is not None]
    calling = [number for _, number in here.world["calls"]]
    for thread in here.world["threads"]:
        if thread["end"] is not None or thread["id"] in running:
            continue
        if thread["id"] in calling:
            thread["io"] += 1
        elif thread["lock_wait"]:
            thread["lock"] += 1
        else:
            thread["ready"] += 1
    for cpu in here.world["cpus"]:
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
    here.world["now"] += 1


def report(deadlock):
    threads, cpus = here.world["threads"], here.world["cpus"]
    return Result(
        makespan=here.world["now"],
        completion=[thread["end"] for thread in threads],
        ready=[thread["ready"] for thread in threads],
        io=[thread["io"] for thread in threads],
        lock=[thread["lock"] for thread in threads],
        user_switches=here.world["user"],
        kernel_switches=here.world["kernel"],
        mode_switches=here.world["mode"],
        overhead=sum(cpu["gantt"].count("*") for cpu in cpus),
        gantt=[cpu["gantt"] for cpu in cpus],
        deadlock=deadlock,
    )
