"""What the filter, Landlock and the control groups hold, at each tier, seen from inside and from outside."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.jail import Cell, TierUnavailable, open_cell, starting
from grader.jail.cgroup import Group
from grader.jail.tiers import Jail
from grader.testing.bench import rlimits
from grader.testing.outcomes import RuleBroken
from grader.testing.watch import Limits

if TYPE_CHECKING:
    from tests.conftest import Labs

CALLS = """
import ctypes, errno, os, platform, socket

NUMBERS = {
    "x86_64": {"ptrace": 101, "unshare": 272, "memfd_create": 319, "bpf": 321, "io_uring_setup": 425, "keyctl": 250,
               "process_vm_readv": 310, "seccomp": 317, "clone3": 435, "mlockall": 151, "prctl": 157, "nothing": 900},
    "aarch64": {"ptrace": 117, "unshare": 97, "memfd_create": 279, "bpf": 280, "io_uring_setup": 425, "keyctl": 219,
                "process_vm_readv": 270, "seccomp": 277, "clone3": 435, "mlockall": 230, "prctl": 167, "nothing": 900},
}[platform.machine()]
libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    return errno.errorcode.get(ctypes.get_errno(), "?") if libc.syscall(NUMBERS[name], *args) < 0 else "done"


def open_socket(family, kind):
    try:
        socket.socket(family, kind).close()
        return "done"
    except OSError as error:
        return errno.errorcode[error.errno]


def signal_to(pid, number=0):
    try:
        os.kill(pid, number)
        return "done"
    except OSError as error:
        return errno.errorcode[error.errno]


def interrupt_parent():
    return signal_to(os.getppid(), 2), signal_to(os.getppid(), 9)
"""


@pytest.fixture
def filtered(lab_at: Labs) -> Labs:
    if lab_at.cell.filter != "reported":
        pytest.skip(f"no filter here: {lab_at.cell.filter}")
    return lab_at


LIMITS = """
import socket, struct

def run():
    one, other = socket.socketpair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", 0, 1000))
    try:
        return one.recv(1)
    except BlockingIOError:
        return "given up"

def others():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return "done"
"""


def test_a_time_limit_of_the_kernels_on_a_socket_is_seen_and_granted(filtered: Labs) -> None:
    first = filtered(LIMITS)
    assert first.student.others() == "done" and not filtered.cell.limits_sockets
    assert first.student.run() == "given up" and filtered.cell.limits_sockets
    first.student.end()
    assert filtered(LIMITS).student.others() == "done" and not filtered.cell.limits_sockets


def test_where_nobody_is_told_such_a_limit_is_granted_too(
    labs_in: Callable[..., Labs], reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = starting.filters
    monkeypatch.setattr(starting, "filters", lambda *given: ["", filters(*given)[1]])  # an empty one is refused
    labs = labs_in(reachable, "jail")
    assert labs.cell.filter == "silent"
    assert labs(LIMITS).student.run() == "given up"  # at once, or it would be taken for stuck


# --- the filter ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ptrace", "unshare", "memfd_create", "bpf", "io_uring_setup", "keyctl", "seccomp"])
def test_what_no_honest_program_calls_is_refused_and_flagged(filtered: Labs, name: str) -> None:
    lab = filtered(CALLS)
    assert lab.student.call(name, 0, 0, 0) == "EPERM"
    lab.student.end()
    assert lab.student.flags == [f"tried the system call {name}, which was refused"]


@pytest.mark.parametrize(("name", "error"), [("clone3", "ENOSYS"), ("nothing", "ENOSYS"), ("mlockall", "EPERM")])
def test_what_libraries_do_without_is_refused_in_silence(filtered: Labs, name: str, error: str) -> None:
    lab = filtered(CALLS)
    assert lab.student.call(name, 0, 0) == error
    lab.student.end()
    assert lab.student.flags == []


def test_flags_of_one_test_are_not_those_of_the_next(filtered: Labs) -> None:
    filtered(CALLS).student.call("ptrace", 0, 0, 0)
    filtered.end_all()
    lab = filtered(CALLS)
    lab.student.end()
    assert lab.student.flags == []


def test_it_stays_visible_to_the_kernels_view(filtered: Labs) -> None:
    lab = filtered(CALLS)
    assert lab.student.call("prctl", 4, 0, 0, 0, 0) == "EPERM"  # PR_SET_DUMPABLE 0 would hide what it waits for
    assert lab.student.call("prctl", 4, 1, 0, 0, 0) == "done"


def test_foreign_families_of_sockets_are_refused(filtered: Labs) -> None:
    student = filtered(CALLS).student
    for family in (40, 38, 17):  # vsock, the kernel's cryptography, raw packets
        assert student.open_socket(family, 1) == "EPERM"
    assert student.open_socket(2, 1) == "done"


def test_the_zygote_cannot_be_interrupted(filtered: Labs) -> None:
    lab = filtered(CALLS)
    assert lab.student.interrupt_parent() == ("EPERM", "EPERM")
    lab.student.end()
    assert filtered(CALLS).student.open_socket(2, 1) == "done"


def test_nothing_of_the_zygotes_can_be_changed(filtered: Labs) -> None:
    lab = filtered("""
        import os, resource
        def run():
            found = []
            for change in (
                lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)),
                lambda pid: os.sched_setaffinity(pid, {0}),
                lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
                lambda pid: os.setpriority(os.PRIO_USER, 0, 19),
            ):
                try:
                    change(os.getppid())
                    found.append("done")
                except OSError as error:
                    found.append(type(error).__name__)
            resource.prlimit(0, resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
            os.nice(1)
            os.sched_setaffinity(0, os.sched_getaffinity(0))
            return found
    """)
    assert lab.student.run() == ["PermissionError"] * 4


def test_nobody_above_can_be_signalled(filtered: Labs) -> None:
    student = filtered(CALLS).student
    for pid in (os.getpid(), os.getppid(), -os.getpid()):
        assert student.signal_to(pid) in ("EPERM", "ESRCH")


def test_nested_namespaces_are_refused(filtered: Labs) -> None:
    program = filtered("""
        import ctypes, errno, platform
        def run():
            libc = ctypes.CDLL(None, use_errno=True)
            number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
            libc.syscall(number, 0x10000000 | 17, 0, 0, 0, 0)
            return ctypes.get_errno()
    """)
    assert program.student.run() == errno.EPERM


def test_without_reports_calls_are_refused_all_the_same(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = starting.filters
    monkeypatch.setattr(starting, "filters", lambda tier, pid: [made(tier, pid)[1]] * 2)
    with open_cell(reachable, rlimits(Limits()), (), "limits") as cell:
        assert cell.filter == "reported"  # installed with a listener that hears nothing
        assert cell.refused() == []


def test_ordinary_programs_are_not_flagged(lab_at: Labs) -> None:
    lab = lab_at("""
        import asyncio, concurrent.futures, logging, os, queue, random, selectors, socket, socketserver, subprocess
        import sys, tempfile, threading, time, urllib.request

        def run():
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                total = sum(pool.map(abs, range(100)))
            async def one():
                await asyncio.sleep(0)
                return await asyncio.to_thread(abs, -1)
            total += asyncio.run(one())
            with tempfile.TemporaryFile() as file:
                file.write(b"x")
            total += subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).returncode
            a, b = socket.socketpair()
            a.sendall(b"x"); b.recv(1)
            try:
                socket.getaddrinfo("localhost", 80)
            except OSError:
                pass
            with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
                server.accept()[0].close()
            os.nice(0); os.cpu_count(); os.sched_getaffinity(0); threading.get_native_id(); time.get_clock_info("time")
            os.urandom(3); random.random(); os.listdir("/proc/self/fd")
            return total
    """)
    assert lab.student.run() == sum(range(100)) + 1
    lab.student.end()
    assert lab.student.flags == []


# --- Landlock --------------------------------------------------------------------------------------


@pytest.fixture
def landlock(labs_in: Callable[..., Labs], reachable: Path) -> Labs:
    top = reachable / "top"
    top.mkdir(mode=0o755)
    return labs_in(top, "landlock")


def test_landlock_keeps_all_but_its_own_files_shut(landlock: Labs, reachable: Path) -> None:
    (reachable / "secret").write_text("42")
    student = landlock("""
        import os
        def run(path, flags):
            try:
                os.close(os.open(path, flags))
                return "opened"
            except OSError as error:
                return type(error).__name__
    """).student
    for path in (str(reachable / "secret"), "/etc/passwd", str(Path(__file__)), "/dev/tty", "/sys", "/run"):
        assert student.run(path, os.O_RDONLY) in ("PermissionError", "FileNotFoundError"), path
    for path in ("/dev/shm/planted", "/var/tmp/planted", "/tmp/planted", str(reachable / "planted")):
        assert student.run(path, os.O_WRONLY | os.O_CREAT) in ("PermissionError", "FileNotFoundError"), path


def test_landlock_leaves_no_sockets_but_tcp_on_ports_of_its_own(landlock: Labs) -> None:
    student = landlock(CALLS).student
    for family, kind in ((1, 1), (2, 2), (10, 2), (16, 3)):
        assert student.open_socket(family, kind) == "EACCES"
    program = landlock("""
        import errno, socket
        def reach(port):
            return errno.errorcode.get(socket.socket().connect_ex(("127.0.0.1", port)))
        def serve(port=0):
            server = socket.create_server(("127.0.0.1", port))
            with socket.create_connection(server.getsockname()), server:
                return server.getsockname()[1]
    """)
    with socket.create_server(("127.0.0.1", 0)) as ours:
        assert program.student.reach(ours.getsockname()[1]) == "EACCES"
        assert program.student.error("serve", ours.getsockname()[1]).is_a(PermissionError)
    assert landlock.cell._ports is not None
    ports = landlock.cell._ports.numbers
    assert {program.student.serve() for _ in range(5)} <= {*ports}
    assert program.student.serve(ports[7]) == ports[7]


def test_each_jail_has_ports_of_its_own(reachable: Path) -> None:
    with open_cell(reachable, {}, (), "landlock") as first, open_cell(reachable, {}, (), "landlock") as second:
        assert first._ports is not None and second._ports is not None
        assert not {*first._ports.numbers} & {*second._ports.numbers}


# --- memory and processes ----------------------------------------------------------------------------

EATERS = """
import os, signal, time

def eat(mib, processes):
    held = []
    for _ in range(processes):
        if os.fork() == 0:
            block = bytearray(mib << 20)
            for place in range(0, len(block), 4096):
                block[place] = 1
            signal.pause()
    signal.pause()
"""


def test_memory_is_counted_over_all_processes(lab_at: Labs) -> None:
    lab = lab_at(EATERS, memory_mib=200, cpu_seconds=20)
    with pytest.raises(RuleBroken, match="more than 200 MiB of memory"):
        lab.student.begin("eat", 60, 6).wait()


def test_the_kernel_bounds_memory_where_nobody_watches(reachable: Path) -> None:
    limits = rlimits(Limits(memory_mib=100))
    with open_cell(reachable, limits) as cell:
        if "memory" not in cell.guarantees:
            pytest.skip("no control group can be made here")
        assert not cell.ran_out_of_memory()
        folder = cell._group._folders["memory"]
        inside = (folder / "cgroup.procs").read_text().split()
        assert str(cell._zygote_pid) in inside
    assert not folder.exists()


def test_a_group_is_found_in_either_version(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("4:memory:/in/ours\n0::/two\n")
    (tmp_path / "proc/self/mountinfo").write_text(
        "1 2 0:3 /in /one rw - cgroup cgroup rw,memory\n1 2 0:3 / /both rw - cgroup2 cgroup2 rw\n"
    )
    made: list[Path] = []
    for folder in (tmp_path / "one/ours", tmp_path / "both/two"):
        folder.mkdir(parents=True)

    def mkdir(path: Path, *args: object, **kwargs: object) -> None:
        os.mkdir(path)
        made.append(path)
        names = {"one": "memory.limit_in_bytes", "both": "pids.max"}
        (path / names[path.relative_to(tmp_path).parts[0]]).touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "mkdir", mkdir)
        group = Group(1 << 30, 100, tmp_path)
    assert group.holds == {"memory", "pids"}
    assert [path.parent for path in made] == [tmp_path / "one/ours", tmp_path / "both/two"]
    assert (made[0] / "memory.limit_in_bytes").read_text() == str((1 << 30) + (64 << 20))
    assert (made[1] / "pids.max").read_text() == "116"


def test_without_control_groups_memory_is_no_guarantee(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.jail.cgroup._own_groups", lambda *_: iter(()))
    with open_cell(reachable, rlimits(Limits())) as cell:
        assert "memory" not in cell.guarantees
        assert not cell.ran_out_of_memory()


# --- what is written ---------------------------------------------------------------------------------


def test_whatever_is_written_is_removed(lab_at: Labs) -> None:
    program = """
        import os
        def run():
            for _ in range(1200):
                os.mkdir("d"); os.chdir("d")
            open("deep", "w").close()
            os.chdir(os.environ["HOME"])
            os.makedirs("shut/in/here"); open("shut/in/here/x", "w").close()
            os.chmod("shut/in", 0); os.chmod("shut", 0); os.chmod(".", 0)
        def look():
            return os.listdir(os.environ["HOME"])
    """
    lab_at(program, cpu_seconds=30).student.run()
    lab_at.end_all()
    assert lab_at(program).student.look() == []


def test_a_disk_has_an_end(lab_at: Labs) -> None:
    if lab_at.cell.tier.name != "jail" and os.geteuid() != 0:
        pytest.skip("only root can mount a file system of a size for it")
    program = lab_at("""
        import os
        def run():
            try:
                for number in range(20):
                    with open(f"file {number}", "wb") as file:
                        file.write(bytes(4 << 20))
            except OSError as error:
                return os.strerror(error.errno)
    """)
    assert program.student.run() == "No space left on device"


def test_a_jail_that_cannot_serve_is_not_taken(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "grader.jail.ports.Ports.bind_for", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "no"))
    )
    with pytest.raises(TierUnavailable, match="programs do not work in it here: a server cannot be started"):
        open_cell(reachable, {}, (), "landlock")
    with pytest.raises(TierUnavailable, match="does not start here"):
        Cell(_Unstartable(), reachable, {})


class _Unstartable(Jail):
    name = "unstartable"

    def plan(self, layout: object, uid: int | None) -> object:  # type: ignore[override]
        start = super().plan(layout, uid)  # type: ignore[arg-type]
        return type(start)(["/bin/false"], start.home, start.submission, start.work)
