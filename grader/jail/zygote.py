"""The warm process that workers are forked from.

Untrusted side, but no learner code ever runs here: it was started by exec, holds no secret, and only imports, forks and
waits. Imports the standard library and `grader.wire`, and what the track asks for (torch).

    python -s -P -m grader.jail.zygote DESCRIPTOR <SETTINGS

Settings are one frame on standard input. The descriptor is one end of a SOCK_SEQPACKET pair: "ready UID" is written to
it first. Then each "fork" message carries the worker's end of a socket pair and is answered with the worker's pid and a
pidfd, and each "wait PID" with its exit status. The zygote ends when the trusted side closes.
"""

from __future__ import annotations

import gc
import importlib
import importlib.machinery
import os
import random
import resource
import signal
import socket
import sys
import sysconfig
from collections.abc import Callable
from typing import NoReturn

from grader.jail import kernel
from grader.jail.limits import NOBODY, Confinement, can_read_as, confine
from grader.jail.policy import READABLE, SCRATCH_DESCRIPTOR
from grader.jail.seccomp import Filter, program
from grader.jail.worker import CourseCode, Frames, Guard, NoGuard, serve, write_frame
from grader.wire import Data, encode

MESSAGE = 64  # bytes, the longest control message
DESCRIPTORS = 256  # the most that a zygote can have open
COLLECT_EVERY = 10_000  # new objects: looking for cycles after 700 takes a sixth of the time of code that makes many
GUARD = ("grader", "grader.jail", "grader.jail.torch_guard")  # what torch probes may import
# Imported before forking, since a learner's file or a probe is likely to: saves each worker the time.
WARM = ("collections", "functools", "itertools", "math", "operator", "random", "typing")


def library_folders(torch: bool) -> tuple[str, ...]:
    """The interpreter's own folders, and the third-party packages only where the track has torch."""
    paths = sysconfig.get_paths()
    own = {paths["stdlib"], paths["platstdlib"], os.path.dirname(os.__file__)}  # noqa: PTH120  # pathlib would be imported for this only
    if torch:
        own |= {paths["purelib"], paths["platlib"]}
    return tuple(sorted(own))


def close_imports(folders: tuple[str, ...], kept: tuple[str, ...]) -> None:
    """Only `folders` can be imported from, and our own modules but `kept` are forgotten (what uses them holds them)."""
    inside = tuple(folder + os.sep for folder in folders)
    sys.path[:] = [p for p in sys.path if (p + os.sep).startswith(inside) and "site-packages" not in p]
    sys.path += [folder for folder in folders if folder.endswith("site-packages")]
    machinery = importlib.machinery
    sys.meta_path[:] = [machinery.BuiltinImporter, machinery.FrozenImporter, machinery.PathFinder]
    for name in [name for name in sys.modules if name.split(".")[0] in ("grader", "msgpack", "_cmsgpack")]:
        if name not in kept:
            del sys.modules[name]


def warm_torch(forbidden: list[dict[str, Data]]) -> tuple[Guard, Callable[[int], None]]:
    """Import torch and do everything once that it does lazily, so that a worker in the jail need not.

    `forbidden`: what workers will be told to watch for.
    """
    import torch

    from grader.jail.torch_guard import Guard as TorchGuard

    def seed_torch(seed: int) -> None:
        torch.manual_seed(seed)

    torch.set_num_threads(1)
    weight = torch.zeros(2, 2, requires_grad=True)
    optimizer = torch.optim.Adam([weight])  # importing optimizers imports half of torch, and wants a temporary folder
    (weight @ weight).exp().sum().backward()  # type: ignore[no-untyped-call]  # torch does not annotate it
    optimizer.step()
    guard = TorchGuard()
    for rules in forbidden:
        with guard.watch(rules):
            pass
    return guard, seed_torch


def confinement(settings: dict[str, Data]) -> Confinement:
    """The rules for every worker of this zygote."""
    folders = library_folders(settings["torch"])
    uid = None
    if os.geteuid() == 0:
        samples = [os.__file__, random.__file__, sys.executable]
        samples += [sys.modules["torch"].__file__ or ""] if settings["torch"] else []
        uid = NOBODY if can_read_as(NOBODY, samples) else None
    with open("/proc/self/statm") as file:  # noqa: PTH123  # pages of address space in use
        pages = int(file.read().split()[0])
    return Confinement(
        jail=settings["jail"],
        readable=kernel.distinct((*folders, *READABLE)),
        uid=uid,
        memory=pages * resource.getpagesize() + settings["memory"],
        cpu_seconds=settings["cpu_seconds"],
        filter=Filter(program(os.uname().machine)) if settings["jail"] else None,
    )


def run_worker(connection: int, rules: Confinement, parent: int, start: Callable[[int], None]) -> NoReturn:
    """The forked child: drop everything, then serve."""
    try:
        null = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.dup2(connection, 3)
        os.closerange(4, DESCRIPTORS)
        scratch = os.memfd_create("scratch")
        assert scratch == SCRATCH_DESCRIPTOR, scratch
        try:
            confine(rules, parent)
        except OSError as error:
            write_frame(3, encode({"error": str(error)}))
            raise
        start(3)
    finally:
        os._exit(70)  # EX_SOFTWARE: only reached when the worker itself failed


def main(descriptor: int) -> None:
    """Read the settings, get warm, and fork on demand."""
    me = os.getpid()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    settings = Frames(0).next()
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    gc.disable()  # nearly all that is imported stays: looking for the rest would take half a second
    for name in WARM:
        importlib.import_module(name)
    guard, seed = warm_torch(settings["forbidden"]) if settings["torch"] else (NoGuard(), random.seed)
    course = CourseCode(settings["probes"], settings["kits"])
    rules = confinement(settings)
    if rules.jail and os.geteuid() == 0:
        kernel.lock_root()  # here, once, since the zygote itself never needs to gain anything either
    close_imports(library_folders(settings["torch"]), GUARD if settings["torch"] else ())
    os.environ.clear()  # of every worker, at once
    gc.freeze()  # forks then share what is there: the collector never touches it
    gc.set_threshold(COLLECT_EVERY)
    gc.enable()
    control = socket.socket(fileno=descriptor)
    control.send(f"ready {rules.uid if rules.uid is not None else os.getuid()}".encode())

    def start(connection: int) -> None:
        serve(connection, course, guard, seed)

    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, 1)
        if not message:
            return
        if message.startswith(b"wait"):
            control.send(str(os.waitpid(int(message.split()[1]), 0)[1]).encode())
            continue
        pid = os.fork()
        if pid == 0:
            run_worker(descriptors[0], rules, me, start)
        os.close(descriptors[0])
        pidfd = os.pidfd_open(pid)  # cannot come to mean another process: its zombie stays until "wait"
        socket.send_fds(control, [str(pid).encode()], [pidfd])
        os.close(pidfd)


if __name__ == "__main__":
    main(int(sys.argv[1]))
