"""A cell at each tier: what the student process sees, what it can reach, and what is left of it."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.jail import JailError, open_cell
from grader.jail.shield import shield
from grader.jail.tiers import NOBODY
from grader.testing.bench import rlimits
from grader.testing.outcomes import RuleBroken
from grader.testing.watch import Limits

if TYPE_CHECKING:
    from tests.conftest import Labs

READER = """
import os
import socket

def run(path):
    try:
        if os.path.isdir(path):
            return os.listdir(path)
        with open(path, "rb") as file:
            return file.read(100)
    except OSError as error:
        return type(error).__name__

def write(path):
    try:
        with open(path, "wb") as file:
            file.write(b"x")
        return "written"
    except OSError as error:
        return type(error).__name__

def reach(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return "reached"
    except OSError as error:
        return type(error).__name__

def signal(pid):
    try:
        os.kill(pid, 0)
        return "reached"
    except OSError as error:
        return type(error).__name__

def about():
    with open("/proc/self/status") as file:
        lines = dict(line.rstrip("\\n").split(":\\t", 1) for line in file if ":\\t" in line)
    return {
        "ids": [*os.getresuid(), *os.getresgid(), *os.getgroups()],
        "environ": dict(os.environ),
        "here": os.getcwd(),
        "pid": os.getpid(),
        "files": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "no_new_privileges": lines["NoNewPrivs"],
        "capabilities": [lines[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    }
"""


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only from root does the student process become another user")


# --- what it is and what it sees -----------------------------------------------------------------


def test_the_environment_is_made_from_nothing(
    tier: str, reachable: Path, monkeypatch: pytest.MonkeyPatch, labs_in: Callable[[Path, str], Labs]
) -> None:
    for name in ("SECRET_TOKEN", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD_NOT", "http_proxy", "PYTEST_ADDOPTS"):
        monkeypatch.setenv(name, "secret")
    labs = labs_in(reachable, tier)
    about = labs(READER).student.about()
    work = about["environ"].pop("HOME")
    about["environ"].pop("PWD", None)  # bubblewrap's
    about["environ"].pop("LD_LIBRARY_PATH", None)  # of an interpreter in a shared library that its user cannot reach
    assert about["environ"].pop("TMPDIR") == work == about["here"]
    assert about["environ"] == {
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
        "PATH": "/usr/bin:/bin",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }


def test_it_is_nobody_and_can_become_nobody_else(lab_at: Labs, as_root: None) -> None:
    about = lab_at(READER).student.about()
    assert {*about["ids"]} == {NOBODY}
    assert about["no_new_privileges"] == "1"
    assert {*about["capabilities"][:3], about["capabilities"][4]} == {"0" * 16}
    program = lab_at("import os\ndef run():\n    os.setuid(0)\n")
    assert program.student.error("run").is_a(OSError)


def test_it_holds_no_file_of_ours(lab_at: Labs) -> None:
    *low, first, second, listing = lab_at(READER).student.about()["files"]
    assert low == [0, 1, 2] or [*low, first, second, listing][:3] == [0, 1, 2]
    assert len(low) == 3 or listing == 3
    assert sum(number >= 800 for number in [*low, first, second, listing]) == 2


def test_the_trusted_process_is_out_of_reach(lab_at: Labs) -> None:
    shield()
    student = lab_at(READER).student
    for name in ("environ", "mem", "maps", "fd", "cwd"):
        assert student.run(f"/proc/{os.getpid()}/{name}") in ("FileNotFoundError", "PermissionError")
    assert student.signal(os.getpid()) in ("ProcessLookupError", "PermissionError")
    assert student.signal(-1) in ("reached", "ProcessLookupError", "PermissionError")  # and we are still here


def test_files_of_root_are_out_of_reach(lab_at: Labs, tmp_path: Path, as_root: None) -> None:
    (tmp_path / "test_hidden.py").write_text("assert 42")  # below a private folder, as a course of root's may be
    student = lab_at(READER).student
    for path in ("/etc/shadow", "/root/.ssh", str(tmp_path / "test_hidden.py"), str(tmp_path)):
        assert student.run(path) in ("FileNotFoundError", "PermissionError")
    first = sys.base_prefix.split("/")[2:3] if sys.base_prefix.startswith("/root/") else []
    assert student.run("/root") in ("FileNotFoundError", "PermissionError", first)  # no more than the way to Python


def test_only_its_own_folder_can_be_written(lab_at: Labs) -> None:
    lab = lab_at(READER)
    beside = f"{lab.bench.cell.submission}/{lab.bench.file.parent.name}/planted.py"
    if lab.bench.cell.tier.name == "limits" and os.geteuid() != 0:
        pytest.skip("as the same user, files are not confined at this tier")
    for path in (beside, "/usr/planted", "/etc/planted", "/planted", "/proc/sys/kernel/hostname", "/dev/planted"):
        assert lab.student.write(path) in ("PermissionError", "OSError", "FileNotFoundError"), path
    assert lab.student.write(f"{lab.student.about()['here']}/mine") == "written"


def test_what_it_writes_is_gone_with_it(lab_at: Labs) -> None:
    first = lab_at(
        "import os\ndef run():\n    os.makedirs('deep/er'); open('deep/er/x', 'w').write('x'); "
        "os.mkfifo('fifo')\n    os.symlink('/', 'root'); return os.listdir()\n"
    )
    assert sorted(first.student.run()) == ["deep", "fifo", "root"]
    first.student.end()
    assert lab_at("import os\ndef run():\n    return os.listdir()\n").student.run() == []
    assert os.listdir("/")  # the link was not followed


def test_a_jail_holds_no_more_than_it_must(labs_in: Callable[[Path, str], Labs], reachable: Path) -> None:
    labs = labs_in(reachable, "jail")
    student = labs(READER).student
    assert student.about()["pid"] > 1
    assert {*student.run("/")} <= {
        "bin",
        "dev",
        "etc",
        "lib",
        "lib32",
        "lib64",
        "proc",
        "root",
        "sbin",
        "submission",
        "threadlab",
        "tmp",
        "usr",
    }
    assert {*student.run("/etc")} <= {"hosts", "ld.so.cache", "localtime", "nsswitch.conf"}
    assert student.run(str(Path(__file__).parents[2])) == "FileNotFoundError"  # the course itself
    assert student.run("/home") == "FileNotFoundError"
    numbers = [int(name) for name in student.run("/proc") if name.isdigit()]
    assert len(numbers) == 2  # the zygote and itself


def test_a_course_below_what_is_shown_is_masked(as_root: None, reachable: Path, labs_in: Callable[..., Labs]) -> None:
    place = Path(sys.base_prefix) / "lib" / "threadlab-test-course"
    place.mkdir()
    try:
        (place / "test_hidden.py").write_text("assert 42")
        seen = labs_in(reachable, "jail")(READER).student
        assert seen.run(f"{place}/test_hidden.py") == b"assert 42"  # or the next line would prove nothing
        assert labs_in(reachable, "jail", (place,))(READER).student.run(str(place)) == []
    finally:
        (place / "test_hidden.py").unlink()
        place.rmdir()


# --- the network -------------------------------------------------------------------------------------


def test_a_jail_has_a_network_of_its_own(labs_in: Callable[[Path, str], Labs], reachable: Path) -> None:
    labs = labs_in(reachable, "jail")
    student = labs(READER).student
    with socket.create_server(("127.0.0.1", 0)) as ours:
        assert student.reach(ours.getsockname()[1]) == "ConnectionRefusedError"
    with labs.cell.sockets(1)[0] as made:
        made.bind(("127.0.0.1", 0))
        made.listen()
        port = made.getsockname()[1]
        assert student.reach(port) == "reached"
        with socket.socket() as outside:
            assert outside.connect_ex(("127.0.0.1", port)) != 0


def test_what_a_network_remembers_is_counted(labs_in: Callable[..., Labs], reachable: Path) -> None:
    labs = labs_in(reachable, "jail")
    listener, *clients = labs.cell.sockets(4)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    for client in clients:
        client.connect(listener.getsockname())
        with listener.accept()[0]:
            client.close()
    listener.close()
    labs.flush()
    assert labs.cell.remembers() == 3


def test_where_the_network_is_not_its_own_nothing_is_counted(reachable: Path) -> None:
    with open_cell(reachable, rlimits(Limits()), (), "limits") as cell:
        assert cell.remembers() == 0


def test_any_number_of_sockets_can_be_had(lab_at: Labs) -> None:
    sockets = lab_at.cell.sockets(250)
    assert len({sock.fileno() for sock in sockets}) == 250
    for sock in sockets:
        sock.close()


# --- limits --------------------------------------------------------------------------------------------


def test_limits_hold(lab_at: Labs) -> None:
    program = lab_at("""
        import os, resource, signal

        def run():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            found = []
            try:
                with open("big", "wb") as file:
                    for _ in range(100):
                        file.write(bytes(1 << 20))
            except OSError as error:
                found.append(type(error).__name__)
            try:
                bytearray(8 << 30)
            except MemoryError:
                found.append("MemoryError")
            kept = []
            try:
                while len(kept) < 5_000:
                    kept.append(os.open("/dev/null", 0))
            except OSError as error:
                found.append(os.strerror(error.errno))
            for fd in kept:
                os.close(fd)
            found.append(resource.getrlimit(resource.RLIMIT_CORE))
            return found
    """)
    assert program.student.run() == ["OSError", "MemoryError", "Too many open files", (0, 0)]


def test_the_time_of_a_test_is_bound_and_not_that_of_its_zygote(reachable: Path, labs_in: Callable[..., Labs]) -> None:
    """A zygote forks for as long as there are submissions: what it uses for each adds up."""
    labs = labs_in(reachable, "limits")
    program = labs("import resource\ndef run():\n    return resource.getrlimit(resource.RLIMIT_CPU)\n")
    assert program.student.run() == (300, 300)
    bounds = Path(f"/proc/{labs.cell._zygote_pid}/limits").read_text()
    assert re.search(r"^Max cpu time +unlimited +unlimited ", bounds, re.MULTILINE)


@pytest.mark.parametrize("files", [1, 20, 100, 300, 2000])
def test_few_files_are_enough_for_ourselves(reachable: Path, files: int) -> None:
    with open_cell(reachable, rlimits(Limits(files=files))) as cell:
        process = cell.fork()
        os.set_blocking(process.to_student, True)
        os.write(process.to_student, b"\x00\x00\x00\x16" + b'{"type":"ask_started"}')
        assert select.select([process.from_student], [], [], 10)[0]
        assert b'"started"' in os.read(process.from_student, 100)
        cell.end(process)


def test_a_jail_counts_its_own_processes_only(reachable: Path) -> None:
    with open_cell(reachable, rlimits(Limits(processes=12)), (), "jail") as cell:
        process = cell.fork()
        assert process.pid > 0
        cell.end(process)


def test_to_look_through_a_jails_connections_is_quick(labs_in: Callable[..., Labs], reachable: Path) -> None:
    """The machine's own table has hundreds of thousands of places, and is looked through in each test."""
    sizes, child = Path("/proc/sys/net/ipv4/tcp_ehash_entries"), Path("/proc/sys/net/ipv4/tcp_child_ehash_entries")
    if os.geteuid() != 0 or not sizes.exists():
        pytest.skip("another user than root, or a kernel before 6.1: the table is the machine's")
    machine = child.read_text()
    program = labs_in(reachable, "jail")(f"def run():\n    return open('{sizes}').read()\n")
    assert program.student.run() == "4096\n"
    assert child.read_text() == machine


# --- what is left ----------------------------------------------------------------------------------------

LEAVES = """
import os
import signal
import subprocess
import time

MARK = "98765.25"

def leave(how):
    if how == "child":
        subprocess.Popen(["sleep", MARK])
    elif how == "ignores signals":
        subprocess.Popen(["sh", "-c", f"trap '' HUP INT TERM; sleep {MARK}"])
    elif how == "own session":
        subprocess.Popen(["sleep", MARK], start_new_session=True)
    elif how == "own group":
        subprocess.Popen(["sleep", MARK], process_group=0)
    elif how == "orphan":
        if os.fork() == 0:
            subprocess.Popen(["sleep", MARK], start_new_session=True)
            os._exit(0)
        os.wait()
    elif how == "stopped":
        child = subprocess.Popen(["sleep", MARK])
        os.kill(child.pid, signal.SIGSTOP)
    elif how == "hops":
        if os.fork() == 0:
            while True:
                os.setsid() if os.getpid() != os.getsid(0) else None
                if os.fork():
                    os._exit(0)
    return "left"
"""
WAYS = ["child", "ignores signals", "own session", "own group", "orphan", "stopped"]


def left(marker: str = "98765.25") -> list[int]:
    """The processes whose command line is a sleep of that length."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if marker.encode() in Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0"):
                found.append(int(entry))
        except OSError:
            continue
    return found


def appeared(before: set[int]) -> list[int]:
    """The new ones: the kernel shows a command line a moment after it has been started."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = [pid for pid in left() if pid not in before]
        if found:
            return found
    raise AssertionError("no process was left, and nothing would be proved")


def wait_gone(pids: list[int], seconds: float = 20) -> list[int]:
    """Waits for processes that are not our children; those that live on."""
    alive = []
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        if not select.select([handle], [], [], seconds)[0]:
            alive.append(pid)
        os.close(handle)
    return alive


@pytest.mark.parametrize("how", WAYS)
def test_nothing_outlives_its_test(lab_at: Labs, how: str) -> None:
    before = {*left()}
    lab = lab_at(LEAVES)
    assert lab.student.leave(how) == "left"
    theirs = appeared(before)
    lab.student.end()
    assert wait_gone(theirs) == []


def test_a_process_that_runs_from_number_to_number_is_caught(lab_at: Labs) -> None:
    lab = lab_at(LEAVES)
    assert lab.student.leave("hops") == "left"
    lab.student.end()
    assert lab_at(READER).student.about()["pid"]  # `end` came back, and the cell goes on


@pytest.mark.parametrize("how", ["child", "orphan"])
def test_nothing_outlives_its_cell(tier: str, reachable: Path, labs_in: Callable[[Path, str], Labs], how: str) -> None:
    before = {*left()}
    labs = labs_in(reachable, tier)
    lab = labs(LEAVES)
    lab.student.leave(how)
    theirs = [lab.pid, *appeared(before)]
    labs.cell.close()
    assert wait_gone(theirs) == []
    with pytest.raises(JailError):
        labs.end_all()


def test_no_file_outlives_a_cell(tier: str, reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, top = reachable / "scratch", reachable / "top"
    for folder in (scratch, top):
        folder.mkdir(mode=0o755)
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with open_cell(top, rlimits(Limits()), (), tier) as cell:
        cell.end(cell.fork())
        assert os.listdir(scratch)
    assert os.listdir(scratch) == []


KILLED = """
import sys, time
from pathlib import Path
from grader.jail import open_cell
from grader.testing.bench import Bench, rlimits
from grader.testing.quiet import LoopbackFlush
from grader.testing.watch import Limits
top = Path(sys.argv[1])
cell = open_cell(top, rlimits(Limits()), (), sys.argv[2])
bench = Bench(cell, LoopbackFlush(), top / "program.py", top, {})
with bench.student() as student:
    student.leave("child")
    print(student._process.pid, cell._process.pid, flush=True)
    time.sleep(1000)
"""


def test_nothing_outlives_a_grader_that_is_killed(tier: str, reachable: Path) -> None:
    before = {*left()}
    scratch, top = reachable / "scratch", reachable / "top"
    for folder in (scratch, top):
        folder.mkdir(mode=0o755)
    (top / "program.py").write_text(LEAVES)
    command = [sys.executable, "-c", KILLED, str(top), tier]
    environment = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as grader:
        assert grader.stdout is not None
        pids = [int(word) for word in grader.stdout.readline().split()]
        assert len(pids) == 2
        theirs = appeared(before)
        grader.kill()
    assert wait_gone(pids) == []
    assert wait_gone(theirs) == []


# --- faults of ours ----------------------------------------------------------------------------------------


def test_the_exit_status_is_told(lab_at: Labs) -> None:
    for how, status in (("os._exit(3)", 3), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -6)):
        lab = lab_at(f"import os\ndef run():\n    {how}\n")
        with pytest.raises(RuleBroken):
            lab.student.run()
        assert lab.student.end() == status


def test_a_zygote_that_is_gone_is_the_graders_fault(reachable: Path, tier: str) -> None:
    cell = open_cell(reachable, rlimits(Limits()), (), tier)
    try:
        os.kill(cell._zygote_pid, signal.SIGKILL)
        with pytest.raises(JailError, match="the zygote"):
            cell.fork()
            cell.fork()
    finally:
        cell.close()


def test_a_cell_can_be_closed_twice(reachable: Path) -> None:
    cell = open_cell(reachable, rlimits(Limits()))
    cell.close()
    cell.close()


def test_the_launcher_leaves_if_its_parent_is_gone(reachable: Path) -> None:
    launcher = Path(__file__).parents[2] / "grader" / "jail" / "launcher.py"
    plan = {"stage": [], "uid": None, "session": True, "parent": 1, "argv": ["/bin/echo", "started"], "env": {}}
    command = [sys.executable, "-I", "-S", launcher, json.dumps(plan)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
