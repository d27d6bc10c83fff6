# wrong: looks at the count of an operation when it comes to it: one behind a deadlock is never refused
# fails: test_counts_and_costs_out_of_range
from __future__ import annotations

import string
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What a simulation gives. Times and costs are whole ticks; lists hold one item a thread."""

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


def new_state(programs, model, cpus, lwps, user_switch, kernel_switch, quantum):
    n = len(programs)
    kernel = model == "kernel"
    count = n if kernel else min(1 if model == "user" else lwps, n)
    return dict(
        model=model,
        limit=1 if model == "user" else lwps,
        cost={"user": user_switch, "kernel": kernel_switch},
        quantum=quantum,
        now=0,
        T=[
            {"ops": p, "next": 0, "left": 0, "is": "ready", "lwp": i if kernel else None, "back": None, "done": None,
             "ready": 0, "io": 0, "lock": 0}
            for i, p in enumerate(programs)
        ],
        L=[{"thread": i if kernel else None, "last": i if kernel else None, "is": "ready"} for i in range(count)],
        C=[{"lwp": None, "last": None, "switch": 0, "ticks": 0} for _ in range(cpus)],
        U=[] if kernel else list(range(n)),
        R=list(range(count)),
        locks={},
        switches={"user": 0, "kernel": 0, "mode": 0},
        columns=[],
    )


def wake(s):
    def without_thread():
        return [l for l in s["R"] if s["L"][l]["thread"] is None]

    def active():
        return len(s["R"]) + len([c for c in s["C"] if c["lwp"] is not None])

    while len(s["U"]) > len(without_thread()):
        sleeping = [l for l in range(len(s["L"])) if s["L"][l]["is"] == "parked"]
        if s["model"] == "activations":
            if active() >= s["limit"]:
                return
            if sleeping == []:
                s["L"].append({"thread": None, "last": None, "is": "parked"})
                sleeping = [len(s["L"]) - 1]
        if sleeping == []:
            return
        s["L"][sleeping[0]]["is"] = "ready"
        s["R"].append(sleeping[0])


def park(s, l):
    s["L"][l]["thread"] = None
    s["L"][l]["is"] = "parked"


def leave_cpu(c):
    l = c["lwp"]
    c["lwp"] = None
    c["switch"] = 0
    return l


def want_thread(s, c):
    lwp = s["L"][c["lwp"]]
    lwp["thread"] = None
    if s["U"] == []:
        park(s, leave_cpu(c))
    else:
        t = s["U"].pop(0)
        if lwp["last"] is not None and lwp["last"] != t:
            s["switches"]["user"] += 1
            c["switch"] += s["cost"]["user"]
        lwp["last"] = t
        lwp["thread"] = t
        s["T"][t]["lwp"] = c["lwp"]
        s["T"][t]["is"] = "running"


def thread_on(s, c):
    return s["L"][c["lwp"]]["thread"]


def back_to_R(s, c):
    s["switches"]["mode"] += 2
    s["T"][thread_on(s, c)]["is"] = "ready"
    l = leave_cpu(c)
    s["L"][l]["is"] = "ready"
    s["R"].append(l)


def run_zero_time(s, c):
    kernel = s["model"] == "kernel"
    while True:
        if c["lwp"] is None or c["switch"] > 0:
            return
        t = thread_on(s, c)
        thread = s["T"][t]
        if thread["left"] > 0:
            return
        if thread["next"] == len(thread["ops"]):
            thread["is"] = "done"
            thread["done"] = s["now"]
            if kernel:
                s["L"][leave_cpu(c)]["is"] = "ended"
            else:
                want_thread(s, c)
            continue
        op = thread["ops"][thread["next"]]
        thread["next"] += 1
        if op[0] in ["cpu", "io"] and (type(op[1]) != int or op[1] < 1):
            raise ValueError("not a good number: " + repr(op[1]))
        if op[0] == "cpu":
            thread["left"] = op[1]
        if op[0] == "io":
            s["switches"]["mode"] += 2
            thread["is"] = "io"
            thread["back"] = s["now"] + op[1]
            s["L"][leave_cpu(c)]["is"] = "blocked"
            if s["model"] == "activations":
                wake(s)
        if op[0] == "lock":
            users = s["locks"].get(op[1], [])       # the owner, then those who wait
            s["locks"][op[1]] = users + [t]
            if users != []:
                thread["is"] = "lock"
                if kernel:
                    s["switches"]["mode"] += 2
                    s["L"][leave_cpu(c)]["is"] = "blocked"
                else:
                    want_thread(s, c)
        if op[0] == "unlock":
            users = s["locks"].get(op[1], [])
            if users == [] or users[0] != t:
                raise ValueError(f"unlock of {op[1]!r} by thread {t}")
            s["locks"][op[1]] = users[1:]
            if len(users) > 1:
                w = users[1]
                s["T"][w]["is"] = "ready"
                if kernel:
                    s["L"][s["T"][w]["lwp"]]["is"] = "ready"
                    s["R"].append(s["T"][w]["lwp"])
                else:
                    s["U"].append(w)
                    wake(s)
        if op[0] == "yield":
            if kernel:
                if s["R"] != []:
                    back_to_R(s, c)
            elif s["U"] != []:
                thread["is"] = "ready"
                s["U"].append(t)
                want_thread(s, c)


def step_1_calls(s):
    for t, thread in enumerate(s["T"]):
        if thread["is"] == "io" and thread["back"] == s["now"]:
            thread["is"] = "ready"
            if s["model"] == "activations":
                park(s, thread["lwp"])
                s["U"].append(t)
                wake(s)
            else:
                s["L"][thread["lwp"]]["is"] = "ready"
                s["R"].append(thread["lwp"])


def step_2_operations(s):
    for c in s["C"]:
        run_zero_time(s, c)


def step_3_quantum(s):
    for c in s["C"]:
        if c["lwp"] is not None and c["switch"] == 0 and s["quantum"] is not None and c["ticks"] >= s["quantum"]:
            if s["R"] == []:
                c["ticks"] = 0
            else:
                back_to_R(s, c)


def step_4_idle_cpus(s):
    changed = True
    while changed:
        changed = False
        for c in s["C"]:
            if c["lwp"] is None:
                while s["R"] != [] and s["U"] == [] and s["L"][s["R"][0]]["thread"] is None:
                    park(s, s["R"].pop(0))
                if s["R"] != []:
                    l = s["R"].pop(0)
                    if c["last"] is not None and c["last"] != l:
                        s["switches"]["kernel"] += 1
                        c["switch"] += s["cost"]["kernel"]
                    c["last"] = l
                    c["lwp"] = l
                    c["ticks"] = 0
                    s["L"][l]["is"] = "running"
                    if thread_on(s, c) is None:
                        want_thread(s, c)
                    else:
                        s["T"][thread_on(s, c)]["is"] = "running"
                    run_zero_time(s, c)
                    changed = True


def step_5_tick(s):
    letters = string.ascii_uppercase + string.ascii_lowercase
    column = []
    for c in s["C"]:
        if c["lwp"] is None:
            column.append(".")
        elif c["switch"] > 0:
            c["switch"] -= 1
            column.append("*")
        else:
            t = thread_on(s, c)
            s["T"][t]["left"] -= 1
            c["ticks"] += 1
            column.append(letters[t] if t < 52 else "?")
    s["columns"].append(column)
    for thread in s["T"]:
        if thread["is"] in ("ready", "io", "lock"):
            thread[thread["is"]] += 1
    s["now"] += 1


def simulate(threads, model, *, cpus=1, lwps=1, user_switch=0, kernel_switch=0, quantum=None):
    if model not in ["user", "kernel", "hybrid", "activations"]:
        raise ValueError("there is no model " + repr(model))
    for value, smallest in [(cpus, 1), (lwps, 1), (user_switch, 0), (kernel_switch, 0), (1 if quantum is None else quantum, 1)]:
        if type(value) != int or value < smallest:
            raise ValueError("not a good number: " + repr(value))
    programs = []
    for thread in threads:
        program = []
        for op in thread:
            op = tuple(op)
            good = op == ("yield",)
            if len(op) == 2 and op[0] in ["lock", "unlock"]:
                good = True
            if len(op) == 2 and op[0] in ["cpu", "io"]:
                good = True
            if not good:
                raise ValueError("not a good operation: " + repr(op))
            program.append(op)
        programs.append(program)

    s = new_state(programs, model, cpus, lwps, user_switch, kernel_switch, quantum)

    def unfinished():
        return [thread for thread in s["T"] if thread["is"] != "done"]

    deadlock = None
    while unfinished():
        step_1_calls(s)
        step_2_operations(s)
        step_3_quantum(s)
        step_4_idle_cpus(s)
        if not unfinished():
            break
        idle = all(c["lwp"] is None for c in s["C"])
        if idle and all(thread["is"] != "io" for thread in s["T"]):
            deadlock = s["now"]
            break
        step_5_tick(s)

    gantt = ["".join(column[i] for column in s["columns"]) for i in range(cpus)]
    return Result(
        makespan=s["now"],
        completion=[thread["done"] for thread in s["T"]],
        ready=[thread["ready"] for thread in s["T"]],
        io=[thread["io"] for thread in s["T"]],
        lock=[thread["lock"] for thread in s["T"]],
        user_switches=s["switches"]["user"],
        kernel_switches=s["switches"]["kernel"],
        mode_switches=s["switches"]["mode"],
        overhead="".join(gantt).count("*"),
        gantt=gantt,
        deadlock=deadlock,
    )
