"""The jail's policy is data: its numbers are compared with libseccomp's, and the filter is interpreted."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno

import pytest

from grader.jail import seccomp
from grader.jail.policy import ABSENT, ALLOWED, ALLOWED_ARGUMENTS, ARCHITECTURES, FOR_TEMPORARY_FILES, X32_BIT

SCMP_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
COMPAT = {"x86_64": 0x4000_0003, "aarch64": 0x4000_0028}  # the 32-bit architecture that the same kernel runs
# No worker may make these: (number on x86_64, number on aarch64), None where there is none.
DANGEROUS: dict[str, tuple[int | None, int | None]] = {
    # processes, programs, other people's processes
    "clone": (56, 220), "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kcmp": (312, 272),
    # descriptors to others
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211),
    "recvmsg": (47, 212), "sendmmsg": (307, 269), "recvmmsg": (299, 243), "mq_open": (240, 180), "msgget": (68, 186),
    "semget": (64, 190), "shmget": (29, 194), "shmat": (30, 196), "memfd_create": (319, 279),
    "memfd_secret": (447, 447), "eventfd2": (290, 19), "pipe2": (293, 59), "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    # files
    "openat2": (437, 437), "creat": (85, None), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "truncate": (76, 45), "fallocate": (285, 47), "unlink": (87, None), "unlinkat": (263, 35), "rmdir": (84, None),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37),
    "symlink": (88, None), "symlinkat": (266, 36), "mkdir": (83, None), "mkdirat": (258, 34), "mknod": (133, None),
    "mknodat": (259, 33), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, None),
    "utimes": (235, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "chdir": (80, 49), "fchdir": (81, 50), "copy_file_range": (326, 285),
    "sendfile": (40, 71), "splice": (275, 76), "tee": (276, 77), "vmsplice": (278, 75),
    # the kernel's larger doors
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_setup": (206, 0),
    "io_submit": (209, 2), "userfaultfd": (323, 282), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "modify_ldt": (154, None), "iopl": (172, None), "ioperm": (173, None), "syslog": (103, 116), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89),
    # rights, limits, names
    "prctl": (157, 167), "seccomp": (317, 277), "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445), "landlock_restrict_self": (446, 446), "setuid": (105, 146), "setgid": (106, 144),
    "setreuid": (113, 145), "setregid": (114, 143), "setresuid": (117, 147), "setresgid": (119, 149),
    "setgroups": (116, 159), "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91),
    "setrlimit": (160, 164), "prlimit64": (302, 261), "personality": (135, 92), "mount": (165, 40),
    "umount2": (166, 39), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "fsmount": (432, 432), "mount_setattr": (442, 442), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "setsid": (112, 157), "setpgid": (109, 154), "sethostname": (170, 161),
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "arch_prctl": (158, None), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
}  # fmt: skip


@pytest.fixture(scope="module")
def libseccomp() -> ctypes.CDLL:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip("libseccomp2 is not installed: our table of system calls is not compared with it")
    return ctypes.CDLL(name)


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_numbers_are_libseccomps(libseccomp: ctypes.CDLL, machine: str) -> None:
    """Every system call of the policy has the number that libseccomp knows, and is left out where it has none."""
    column = ARCHITECTURES[machine][0]
    table = {name: numbers[column] for name, numbers in {**ALLOWED, **ABSENT, **FOR_TEMPORARY_FILES}.items()}
    table |= {name: both[column] for name, both in ALLOWED_ARGUMENTS.items()}
    resolve = libseccomp.seccomp_syscall_resolve_name_arch
    theirs = {name: resolve(SCMP_ARCH[machine], name.encode()) for name in table}
    assert {name: number for name, number in table.items() if number is not None} == {
        name: number for name, number in theirs.items() if number >= 0
    }


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_dangerous_numbers_are_libseccomps(libseccomp: ctypes.CDLL, machine: str) -> None:
    """The calls that this test calls dangerous have the numbers it gives them; an older libseccomp may lack some."""
    column = ARCHITECTURES[machine][0]
    resolve = libseccomp.seccomp_syscall_resolve_name_arch
    theirs = {name: resolve(SCMP_ARCH[machine], name.encode()) for name in DANGEROUS}
    known = {name: number for name, number in theirs.items() if number >= 0}
    assert len(known) > 100
    assert known == {name: DANGEROUS[name][column] for name in known}


def run_filter(
    machine: str, arch: int, number: int, second: int = 0, program: list[seccomp.Instruction] | None = None
) -> int:
    """What the filter answers: an interpreter of the four instructions that it uses."""
    data = {seccomp.NUMBER: number, seccomp.ARCH: arch, seccomp.SECOND_ARGUMENT: second}
    accumulator, at = 0, 0
    program = program or seccomp.program(machine)
    while True:
        code, if_true, if_false, k = program[at]
        at += 1
        if code == seccomp.LOAD:
            accumulator = data[k]
        elif code == seccomp.RETURN:
            return k
        else:
            holds = accumulator == k if code == seccomp.EQUAL else accumulator >= k
            at += if_true if holds else if_false


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_filter_says_what_the_policy_says(machine: str) -> None:
    """For every number up to 1,000: allowed ones pass, the absent are absent, all others are refused."""
    column, arch = ARCHITECTURES[machine]
    allowed = {numbers[column] for numbers in ALLOWED.values()} - {None}
    absent = {both[column] for both in ABSENT.values()}
    by_argument = {both[column]: values for *both, values in ALLOWED_ARGUMENTS.values()}
    for number in range(1000):
        if number in by_argument:
            for second in range(0x6000):
                expected = seccomp.ALLOW if second in by_argument[number] else seccomp.ERRNO | errno.EPERM
                assert run_filter(machine, arch, number, second) == expected
            continue
        refused = seccomp.ERRNO | (errno.ENOSYS if number in absent else errno.EPERM)
        assert run_filter(machine, arch, number) == (seccomp.ALLOW if number in allowed else refused), number


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_public_suites_may_make_folders_and_no_more(machine: str) -> None:
    """The filter of `grader audit` differs from the worker's in the calls for temporary files, and in nothing else."""
    column, arch = ARCHITECTURES[machine]
    wider = seccomp.program(machine, FOR_TEMPORARY_FILES)
    also = {numbers[column] for numbers in FOR_TEMPORARY_FILES.values()} - {None}
    differing = {n for n in range(1000) if run_filter(machine, arch, n) != run_filter(machine, arch, n, program=wider)}
    assert differing == also
    assert len(wider) <= 4096


def test_foreign_numbers_kill() -> None:
    """A call in another architecture's numbering, or in x32's, ends the process: 32-bit `execve` is our `munmap`."""
    read, i386 = 0, 0x40000003
    assert run_filter("x86_64", i386, 11) == seccomp.KILL
    assert run_filter("x86_64", ARCHITECTURES["aarch64"][1], 63) == seccomp.KILL
    assert run_filter("x86_64", ARCHITECTURES["x86_64"][1], X32_BIT | read) == seccomp.KILL
    assert run_filter("aarch64", ARCHITECTURES["x86_64"][1], read) == seccomp.KILL


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_the_program_is_within_the_kernels_limit(machine: str) -> None:
    """At most 4,096 instructions, and no jump beyond 255 (a jump's offset is one byte)."""
    program = seccomp.program(machine)
    assert len(program) <= 4096
    assert all(0 <= jump <= 255 for _, if_true, if_false, _ in program for jump in (if_true, if_false))


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("name", DANGEROUS)
def test_no_dangerous_call_passes(machine: str, name: str) -> None:
    """The generated filter refuses each dangerous call with EPERM; read(2) passes it, so it does not refuse all."""
    column, arch = ARCHITECTURES[machine]
    number, read = DANGEROUS[name][column], ALLOWED["read"][column]
    assert read is not None
    assert run_filter(machine, arch, read) == seccomp.ALLOW
    if number is None:  # this machine has no such call: its name is not among those allowed either
        assert ALLOWED.get(name, (None, None))[column] is None
    else:
        assert run_filter(machine, arch, number) == seccomp.ERRNO | errno.EPERM


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_32_bit_number_kills(machine: str) -> None:
    """A call in the numbering of the 32-bit programs that the same kernel runs ends the process, whichever it is."""
    assert {run_filter(machine, COMPAT[machine], number) for number in range(600)} == {seccomp.KILL}
