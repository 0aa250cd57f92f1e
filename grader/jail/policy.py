"""What a worker may do, as data. Every allowance has its reason beside it.

Untrusted side and tests. Imports nothing.
"""

from __future__ import annotations

from typing import Final

# System calls a worker may make, by name: (number on x86_64, number on aarch64), None where there is none.
# Numbers: Linux arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h;
# tests/grader/test_policy.py compares them with libseccomp's table.
ALLOWED: Final[dict[str, tuple[int | None, int | None]]] = {
    # talk on descriptors that are already open (the worker's socket, /dev/null) and close them
    "read": (0, 63),
    "write": (1, 64),
    "ftruncate": (77, 46),  # the scratch file, the one file that is open for writing
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    "lseek": (8, 62),
    "dup": (32, 23),
    "poll": (7, None),
    "ppoll": (271, 73),
    # import modules: Landlock decides which files, and nothing can be opened for writing
    "open": (2, None),
    "openat": (257, 56),
    "pread64": (17, 67),
    "getdents64": (217, 61),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    # own memory, within RLIMIT_AS
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),  # the dynamic linker, when the standard library loads an extension module
    "madvise": (28, 233),
    # signals within the process: Python's and C's own handlers
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # one thread's bookkeeping (threads cannot be made: clone is not here)
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "sched_yield": (24, 124),
    "restart_syscall": (219, 128),
    # time, sleep and randomness
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "times": (100, 153),
    "getrandom": (318, 278),
    # facts about oneself and the machine
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getrusage": (98, 165),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    # the end
    "exit": (60, 93),
    "exit_group": (231, 94),
}

# Allowed for some values of their second argument only.
ALLOWED_ARGUMENTS: Final[dict[str, tuple[int, int, tuple[int, ...]]]] = {
    # F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: what opening a file in Python does; no locks, no owners, no signals
    "fcntl": (72, 25, (1, 2, 3, 1030)),
    # TCGETS (is it a terminal?), FIOCLEX (close on exec): what opening a file in Python asks
    "ioctl": (16, 29, (0x5401, 0x5451)),
}

# Allowed beside these where public tests run on the course's own mutants (`grader audit`), and nowhere else: pytest
# gives tests a folder for temporary files, and Landlock decides where it may be.
FOR_TEMPORARY_FILES: Final[dict[str, tuple[int | None, int | None]]] = {
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rmdir": (84, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "chdir": (80, 49),
}

# Answered "there is no such call", which makes the C library fall back to `clone`, which is refused.
ABSENT: Final[dict[str, tuple[int, int]]] = {"clone3": (435, 435)}

# Everything else is refused with EPERM, so that learner code sees a PermissionError; calls of another architecture and
# x32 numbers (bit 30) kill the process, since their numbers mean something else.
X32_BIT: Final = 0x4000_0000
ARCHITECTURES: Final = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}  # column, AUDIT_ARCH_*

# The worker's scratch file: in memory, private to the process, gone with it. Probes put into it what learner code is to
# read by a path, /proc/self/fd/4; learner code may scribble in it too, and has gained that many bytes of memory.
SCRATCH_DESCRIPTOR: Final = 4
SCRATCH_BYTES: Final = 1 << 16

# Read by the interpreter at run time, beside its own library folders.
READABLE: Final = (
    "/lib",  # shared libraries that extension modules of the standard library link to
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",  # where the dynamic linker looks them up
    "/dev/null",
    "/dev/urandom",
    "/dev/zero",
)
