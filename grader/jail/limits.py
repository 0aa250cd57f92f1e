"""Giving up rights, in the order in which it has to be done.

Untrusted side: runs in a worker between its fork and the first byte of learner code. Imports the standard library only.
"""

from __future__ import annotations

import os
import resource
import signal
from typing import NamedTuple

from grader.jail import kernel
from grader.jail.policy import SCRATCH_BYTES
from grader.jail.seccomp import Filter

NOBODY = 65534


class Confinement(NamedTuple):
    """What holds for every worker of one zygote."""

    jail: bool  # False: `--sandbox none`, limits only
    readable: tuple[tuple[str, int], ...]  # paths and Landlock rights
    uid: int | None  # the user to become; None: stay, without capabilities
    memory: int  # bytes of address space
    cpu_seconds: int
    filter: Filter | None


def confine(rules: Confinement, parent: int) -> None:
    """Drop everything. OSError: the kernel refused a step, and nothing of the learner's may run."""
    resource.setrlimit(resource.RLIMIT_AS, (rules.memory, rules.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (rules.cpu_seconds, rules.cpu_seconds))
    for name, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, SCRATCH_BYTES),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(name, (value, value))
    if rules.jail:
        leave_user(rules.uid)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user, which clears it
    if os.getppid() != parent:
        raise OSError("the zygote is gone")
    if rules.jail:
        kernel.landlock(rules.readable)
        assert rules.filter is not None
        rules.filter.install()


def leave_user(uid: int | None) -> None:
    """Become `uid` (or stay) and give up every capability and supplementary group."""
    if os.geteuid() == 0:
        os.setgroups([])
    if uid is not None:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.drop_capabilities()


def can_read_as(uid: int, files: list[str]) -> bool:
    """Whether `uid` can open all of `files`; asked in a child of its own, since there is no way back."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for file in files:
                os.close(os.open(file, os.O_RDONLY))
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0
