"""The jail's policy is data: its numbers are compared with libseccomp's, and the filter is interpreted."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno

import pytest

from grader.jail import seccomp
from grader.jail.policy import ABSENT, ALLOWED, ALLOWED_ARGUMENTS, ARCHITECTURES, X32_BIT

SCMP_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
UNKNOWN = -1


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
    table = {name: numbers[column] for name, numbers in {**ALLOWED, **ABSENT}.items()}
    table |= {name: both[column] for name, both in ALLOWED_ARGUMENTS.items()}
    resolve = libseccomp.seccomp_syscall_resolve_name_arch
    theirs = {name: resolve(SCMP_ARCH[machine], name.encode()) for name in table}
    assert {name: number for name, number in table.items() if number is not None} == {
        name: number for name, number in theirs.items() if number >= 0
    }


def run_filter(machine: str, arch: int, number: int, second: int = 0) -> int:
    """What the filter answers: an interpreter of the four instructions that it uses."""
    data = {seccomp.NUMBER: number, seccomp.ARCH: arch, seccomp.SECOND_ARGUMENT: second}
    accumulator, at = 0, 0
    program = seccomp.program(machine)
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
