"""The filter on system calls: what Python, threads and sockets need passes, all else is refused by an error.

The program is classic BPF over `struct seccomp_data` (seccomp(2)); the zygote installs it on itself before any
student code is there. A call that no honest program makes goes to the trusted side first, which notes and refuses it
(`grader.jail.denials`); calls that libraries try and can do without are refused in silence.
"""

from __future__ import annotations

import errno
import platform
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from grader.jail.syscalls import numbers

ALLOW, NOTIFY, _ERRNO = 0x7FFF0000, 0x7FC00000, 0x00050000  # Linux include/uapi/linux/seccomp.h
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # include/uapi/linux/audit.h
_X32 = 0x40000000
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_EVERY_BIT = 0xFFFFFFFF


def _words(text: str) -> list[str]:
    return text.split()


_ALLOWED = _words("""
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat openat2 creat close close_range
stat fstat lstat newfstatat statx access faccessat faccessat2 statfs fstatfs lseek getdents getdents64 getcwd chdir
fchdir rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat readlink readlinkat
chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask utime utimes utimensat futimesat truncate ftruncate
fallocate fsync fdatasync sync_file_range fadvise64 copy_file_range sendfile splice tee mknod mknodat flock fcntl dup
dup2 dup3 pipe pipe2 getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr cachestat
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2
signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime inotify_init inotify_init1 inotify_add_watch
inotify_rm_watch mmap mprotect munmap mremap msync mincore madvise brk mseal
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack restart_syscall pause
nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times getitimer setitimer alarm timer_create
timer_settime timer_gettime timer_getoverrun timer_delete
sched_yield sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max
sched_get_priority_min sched_rr_get_interval sched_setaffinity sched_getaffinity sched_setattr sched_getattr getcpu
getpriority setpriority ioprio_get
futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list get_robust_list rseq membarrier set_tid_address
arch_prctl fork vfork execve execveat exit exit_group wait4 waitid getpid gettid getppid getpgrp getpgid setpgid
getsid setsid getuid geteuid getgid getegid getresuid getresgid getgroups setuid setgid setreuid setregid setresuid
setresgid setgroups setfsuid setfsgid capget uname sysinfo getrusage getrlimit setrlimit prlimit64 getrandom
connect accept accept4 bind listen sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockname getpeername
socketpair getsockopt pidfd_open
""")

_NOT_HERE = _words("""
clone3 landlock_create_ruleset landlock_add_rule landlock_restrict_self pkey_alloc pkey_free pkey_mprotect
map_shadow_stack statmount listmount
""")
"""Answered as by a kernel that does not have them: libraries then do without."""

_NOT_ALLOWED = _words("""
mlock mlock2 munlock mlockall munlockall mbind set_mempolicy get_mempolicy set_mempolicy_home_node migrate_pages
move_pages setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr name_to_handle_at sync syncfs readahead
remap_file_pages vmsplice ioprio_set
""")
"""Refused without a word: libraries try them for what they can do without."""


_OF_A_PROCESS = ("prlimit64", "sched_setaffinity", "sched_setparam", "sched_setscheduler", "sched_setattr", "setpgid")
"""Calls whose first argument is the number of a process, and which change it."""


@dataclass(frozen=True)
class Rule:
    """What becomes of a call whose arguments are like that; the first rule that fits decides.

    Args:
        when: argument's index, mask, value: its low 32 bits under the mask are the value.
        action: what is returned for it.
    """

    when: tuple[tuple[int, int, int], ...]
    action: int


def _if(action: int, *when: tuple[int, int, int]) -> Rule:
    return Rule(when, action)


_NAMESPACES = (0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_USUAL_FAMILIES = [_if(ALLOW, (0, _EVERY_BIT, family)) for family in (1, 2, 10)] + [
    _if(ALLOW, (0, _EVERY_BIT, 16), (2, _EVERY_BIT, 0)),  # route netlink, read by getaddrinfo(3)
    _if(NOTIFY),
]
_TCP_ONLY = [_if(ALLOW, (0, _EVERY_BIT, family), (1, 0xF, 1)) for family in (2, 10)]
_TCP_ONLY += [_if(_ERRNO | errno.EACCES, (0, _EVERY_BIT, family)) for family in (1, 2, 10, 16)] + [_if(NOTIFY)]
_HARMLESS_PRCTL = (
    1,
    2,
    3,
    7,
    15,
    16,
    21,
    23,
    29,
    30,
    38,
    39,
    41,
    42,
    56,
    0x53564D41,
)  # Linux include/uapi/linux/prctl.h
_PRCTL = [_if(NOTIFY, (0, _EVERY_BIT, 4), (1, _EVERY_BIT, 0)), _if(ALLOW, (0, _EVERY_BIT, 4))]  # stays dumpable
_PRCTL += [_if(ALLOW, (0, _EVERY_BIT, option)) for option in _HARMLESS_PRCTL] + [_if(NOTIFY)]
_SOCKET_LIMITS = [_if(NOTIFY, (1, _EVERY_BIT, 1), (2, _EVERY_BIT, option)) for option in (20, 21, 66, 67)]
_SOCKET_LIMITS += [_if(ALLOW)]  # SOL_SOCKET; SO_RCVTIMEO, SO_SNDTIMEO: Linux include/uapi/asm-generic/socket.h
ANNOUNCE = 0x54484C44
"""An option of prctl(2) that no kernel has: with it, a thread of the student process tells us which one it is."""
_PRCTL.insert(0, _if(NOTIFY, (0, _EVERY_BIT, ANNOUNCE)))
_TERMINAL = [_if(NOTIFY, (1, _EVERY_BIT, request)) for request in (0x5412, 0x541C, 0x5423)] + [_if(ALLOW)]


def _rules(tcp_only: bool, own_pids: bool, spared: Sequence[int]) -> dict[str, list[Rule]]:
    rules = {
        "clone": [_if(NOTIFY, (0, bit, bit)) for bit in _NAMESPACES] + [_if(ALLOW)],
        "socket": _TCP_ONLY if tcp_only else _USUAL_FAMILIES,
        "prctl": _PRCTL,
        "ioctl": _TERMINAL,  # input for the terminal of whoever grades: TIOCSTI, TIOCLINUX, TIOCSETD
        "personality": [_if(ALLOW, (0, _EVERY_BIT, _EVERY_BIT)), _if(ALLOW, (0, _EVERY_BIT, 0)), _if(NOTIFY)],
    }
    if tcp_only:
        rules["bind"] = [_if(NOTIFY)]  # see `grader.jail.ports`
    groups = [] if own_pids else [-pid for pid in spared]  # its own zygote ends all that is left with kill(-1)
    spare = [_if(NOTIFY, (0, _EVERY_BIT, number & _EVERY_BIT)) for number in [*spared, *groups]] + [_if(ALLOW)]
    if own_pids:
        rules |= {"tkill": spare}
    users = [_if(NOTIFY, (0, _EVERY_BIT, 2))]  # PRIO_USER: all that its user runs, the zygote too
    rules |= dict.fromkeys(("kill", "tgkill", *_OF_A_PROCESS), spare)
    return rules | {"setpriority": [*users, *_on_second(spare)]}


def _on_second(rules: list[Rule]) -> list[Rule]:
    """The same rules, about the second argument instead of the first."""
    return [Rule(tuple((1, mask, value) for _, mask, value in rule.when), rule.action) for rule in rules]


def program(tcp_only: bool, own_pids: bool, spared: Sequence[int], notify: bool = True) -> bytes:
    """The filter for this machine's processor, as an array of `struct sock_filter`; empty if none can be made.

    Args:
        tcp_only: no sockets but of TCP, and the trusted side carries out each `bind`.
        own_pids: the process has process numbers of its own and cannot name ours.
        spared: processes that must not be signalled, by the numbers that it would name them by.
        notify: the trusted side is told of what no honest program does; else it is only refused.
    """
    machine = platform.machine()
    known = numbers(machine) if sys.platform == "linux" and sys.maxsize > 1 << 32 else {}
    if not known:
        return b""
    rules = {name: [_if(ALLOW)] for name in _ALLOWED}
    rules |= {name: [_if(_ERRNO | errno.ENOSYS)] for name in _NOT_HERE}
    rules |= {name: [_if(_ERRNO | errno.EPERM)] for name in _NOT_ALLOWED}
    rules |= _rules(tcp_only, own_pids, spared) | {"setsockopt": _SOCKET_LIMITS if notify else [_if(ALLOW)]}
    rules = {name: rules.get(name, [_if(NOTIFY)]) for name in known}
    code = _assemble(_ARCHITECTURES[machine], {known[name]: found for name, found in rules.items()})
    if not notify:
        code = [(op, t, f, _ERRNO | errno.EPERM if op == _RETURN and k == NOTIFY else k) for op, t, f, k in code]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


_Instruction = tuple[int, int, int, int]


def _assemble(architecture: int, rules: dict[int, list[Rule]]) -> list[_Instruction]:
    unknown = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    code = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        unknown,
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        unknown,
    ]
    for number, decided in sorted(rules.items()):
        block = [instruction for rule in decided for instruction in _block(rule)]
        code += [(_EQUAL, 0, len(block), number), *block]
    return [*code, unknown]


def _block(rule: Rule) -> list[_Instruction]:
    """Tests each condition, and returns the action if all hold; else falls through to what comes after."""
    tests: list[_Instruction] = []
    for place, (argument, mask, value) in enumerate(reversed(rule.when)):
        beyond = 1 + 3 * place
        tests = [
            (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
            (_AND, 0, 0, mask),
            (_EQUAL, 0, beyond, value),
            *tests,
        ]
    return [*tests, (_RETURN, 0, 0, rule.action)]
