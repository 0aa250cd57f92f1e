"""System calls that Python has no function for: prctl, capset and Landlock, through ctypes.

Untrusted side and `grader doctor`. Imports the standard library only. Numbers and structures: Linux include/uapi.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from typing import Final

libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_CAPBSET_DROP: Final = 24
PR_SET_SECUREBITS: Final = 28
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
# no capabilities for uid 0, no set-uid fix-ups, no ambient ones, keep-caps off, each locked: linux/securebits.h
SECURE_NOROOT_LOCKED: Final = 0b11101111

LANDLOCK_CREATE, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT = 444, 445, 446  # the same on every architecture
LANDLOCK_VERSION_FLAG: Final = 1
LANDLOCK_RULE_PATH: Final = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# Which rights each Landlock ABI knows: linux/landlock.h, Documentation/userspace-api/landlock.rst
FS_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NET_TCP: Final = 0b11  # bind, connect: ABI 4
SCOPE_ALL: Final = 0b11  # abstract unix sockets, signals: ABI 6


def checked(result: int, what: str) -> int:
    """`result`, or an OSError that names the call."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, argument: int = 0, third: int = 0) -> None:
    """prctl(2). OSError: the kernel refuses."""
    words = [ctypes.c_ulong(word) for word in (argument, third, 0, 0)]
    checked(libc.prctl(option, *words), f"prctl({option})")


def lock_root() -> None:
    """Make uid 0 mean nothing from now on: no capabilities come with it, none can be inherited. Needs CAP_SETPCAP."""
    prctl(PR_SET_SECUREBITS, SECURE_NOROOT_LOCKED)
    number = 0
    while libc.prctl(PR_CAPBSET_DROP, *(ctypes.c_ulong(word) for word in (number, 0, 0, 0))) == 0:
        number += 1
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Give up every capability that this process holds."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    checked(libc.capset(ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)())), "capset")


def landlock_abi() -> int:
    """The Landlock version that the running kernel offers, 0 for none."""
    return max(0, int(libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), LANDLOCK_VERSION_FLAG)))


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def distinct(paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """(real path, rights) of those that exist and are not below another one."""
    real = sorted({os.path.realpath(path) for path in paths})
    existing = [(path, os.lstat(path)) for path in real if os.access(path, os.F_OK)]
    folders = [path for path, status in existing if stat.S_ISDIR(status.st_mode)]
    return tuple(
        (path, READ_FILE | READ_DIR if path in folders else READ_FILE)
        for path, _ in existing
        if not any(path.startswith(folder + os.sep) for folder in folders)
    )


def landlock(readable: Iterable[tuple[str, int]]) -> None:
    """From now on this process can read `readable` (see `distinct`), and touch no other file, TCP port or process.

    One ruleset per process, never a shared descriptor: rules added to one would hold for all. OSError: no Landlock.
    """
    abi = landlock_abi()
    if not abi:
        raise OSError("this kernel has no Landlock")
    attributes = _RulesetAttributes(
        FS_RIGHTS[max(known for known in FS_RIGHTS if known <= abi)],
        NET_TCP if abi >= 4 else 0,
        SCOPE_ALL if abi >= 6 else 0,
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = checked(libc.syscall(LANDLOCK_CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), 0), "landlock")
    try:
        for path, rights in readable:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = _PathRule(rights, descriptor)
            checked(libc.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH, ctypes.byref(rule), 0), path)
            os.close(descriptor)
        checked(libc.syscall(LANDLOCK_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)
