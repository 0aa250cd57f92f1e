"""The policy's system calls as a classic BPF program, and its installation.

Untrusted side. Imports the standard library only. Instructions: linux/bpf_common.h, linux/seccomp.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Mapping, Sequence
from typing import Final

from grader.jail.kernel import PR_SET_NO_NEW_PRIVS, checked, libc, prctl
from grader.jail.policy import ABSENT, ALLOWED, ALLOWED_ARGUMENTS, ARCHITECTURES, X32_BIT

LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06  # ld [k]; jeq; jge; ret
KILL, ERRNO, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000
NUMBER, ARCH, SECOND_ARGUMENT = 0, 4, 24  # offsets in struct seccomp_data; the argument's low half (little-endian)
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, k


def program(machine: str, also: Mapping[str, tuple[int | None, int | None]] | None = None) -> list[Instruction]:
    """The filter for `machine` (as `os.uname().machine`), with calls beyond the policy's. KeyError: there is none."""
    column, audit_arch = ARCHITECTURES[machine]
    out: list[Instruction] = [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, audit_arch),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine == "x86_64":
        out += [(AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    for numbers in (ALLOWED | dict(also or {})).values():
        number = numbers[column]
        if number is not None:
            out += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for name in ABSENT:
        out += [(EQUAL, 0, 1, ABSENT[name][column]), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    for *both, values in ALLOWED_ARGUMENTS.values():
        body: list[Instruction] = [(LOAD, 0, 0, SECOND_ARGUMENT)]
        for value in values:
            body += [(EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
        body.append((RETURN, 0, 0, ERRNO | errno.EPERM))
        out += [(EQUAL, 0, len(body), int(both[column])), *body]
    return [*out, (RETURN, 0, 0, ERRNO | errno.EPERM)]


def supported() -> bool:
    """Whether this kernel takes filters and there is one for this machine."""
    present = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, None, 0, 0)
    return present == -1 and ctypes.get_errno() == errno.EFAULT and os.uname().machine in ARCHITECTURES


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class Filter:
    """A program ready to be installed, so that each fork has one system call to make."""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        packed = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
        self._buffer = ctypes.create_string_buffer(packed, len(packed))
        self._program = _Program(len(packed) // 8, ctypes.addressof(self._buffer))

    def install(self) -> None:
        """From now on this process can make the policy's system calls only. OSError: the kernel refuses."""
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(self._program), 0, 0), "seccomp")
