"""The process that public suites run in: imports pytest, and torch, once, and forks itself for each mutant.

Untrusted side: a fork gives up its rights as a worker does, but that it may write to one folder for temporary files,
and then runs one test file. Imports the standard library, pytest, and torch by name.

    python -s -P -m grader.audit.public

Settings are the first line on standard input, as JSON; each line that follows asks for a run and is answered with a
line. It ends when its input does.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader.jail import kernel
from grader.jail.limits import NOBODY, Confinement, can_read_as, confine
from grader.jail.policy import FOR_TEMPORARY_FILES, READABLE
from grader.jail.seccomp import Filter, program
from grader.jail.zygote import library_folders

ARGUMENTS = (
    "-q", "-o", "addopts=", "--import-mode=importlib", "--capture=sys",
    "-p", "no:cacheprovider", "-p", "no:faulthandler",
)  # fmt: skip
PIECE = 1 << 16
DESCRIPTORS = 1024
OF_FILES = 1 << 1 | 1 << 2 | 1 << 14  # Landlock's rights to write, read and truncate one: linux/landlock.h


class Teller:
    """Writes a line for each test that begins, and for each that fails, and one with what its learner reads."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def say(self, word: str, name: str) -> None:
        os.write(self.descriptor, f"{word} {name}\n".encode())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.say("failed", "collecting")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.say("begun", name(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.say("failed", name(report.nodeid))
            if isinstance(report.longrepr, str):  # the course's own words
                self.say("reads", json.dumps([name(report.nodeid), report.longrepr]))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.say("ended", str(int(exitstatus)))


def name(nodeid: str) -> str:
    """A test's function, whatever its parameters."""
    return nodeid.rpartition("::")[2].partition("[")[0]


def rules(settings: dict[str, Any]) -> Confinement:
    """What holds for every fork."""
    uid = None
    if os.geteuid() == 0:
        uid = NOBODY if can_read_as(NOBODY, [os.__file__, pytest.__file__, sys.executable]) else None
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    everything = kernel.FS_RIGHTS[max(abi for abi in kernel.FS_RIGHTS if abi <= max(1, kernel.landlock_abi()))]
    readable = kernel.distinct((*library_folders(torch=True), *READABLE, settings["course"]))
    if uid is not None:
        os.chown(settings["scratch"], uid, uid)
    return Confinement(
        jail=settings["jail"],
        readable=(*readable, (os.path.realpath(settings["scratch"]), everything), (os.devnull, everything & OF_FILES)),
        uid=uid,
        memory=pages * resource.getpagesize() + settings["memory"],
        cpu_seconds=resource.RLIM_INFINITY,
        filter=Filter(program(os.uname().machine, FOR_TEMPORARY_FILES)) if settings["jail"] else None,
    )


def run_tests(asked: dict[str, Any], tell: int, held: Confinement, parent: int, settings: dict[str, Any]) -> NoReturn:
    """The fork: drop everything, then run one test file."""
    try:
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(tell, 3)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.closerange(4, DESCRIPTORS)
        os.chdir(settings["course"])
        teller = Teller(3)
        try:
            confine(held._replace(cpu_seconds=asked["cpu"]), parent)
        except OSError as error:
            teller.say("unconfined", str(error))
            raise
        scratch = os.path.join(settings["scratch"], "pytest")  # noqa: PTH118  # as library_folders
        words = [] if asked["texts"] else ["--tb=no"]  # to find them takes a while
        pytest.main([*ARGUMENTS, *words, f"--basetemp={scratch}", asked["file"]], plugins=[teller])
    finally:
        os._exit(0)


def answer(asked: dict[str, Any], held: Confinement, settings: dict[str, Any]) -> dict[str, Any]:
    """Run the tests in a fork: which have failed, and whether all were run; a fork that takes too long is killed."""
    reading, writing = os.pipe()
    me = os.getpid()
    child = os.fork()
    if child == 0:
        run_tests(asked, writing, held, me, settings)
    os.close(writing)
    said, deadline = b"", time.monotonic() + asked["wall"]
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            break
        part = os.read(reading, PIECE)
        if not part:
            break
        said += part
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    return heard(said.decode("utf-8", "replace").splitlines(), status) | {"cpu": usage.ru_utime + usage.ru_stime}


def heard(lines: list[str], status: int) -> dict[str, Any]:
    """What a fork has said, as the answer. The test at which it ended has failed."""
    pairs = [line.split(" ", 1) for line in lines if " " in line]
    failed = list(dict.fromkeys(what for word, what in pairs if word == "failed"))
    begun = [what for word, what in pairs if word == "begun"]
    ended = [what for word, what in pairs if word == "ended"]
    unconfined = [what for word, what in pairs if word == "unconfined"]
    if not ended and not unconfined:
        last = begun[-1] if begun else "collecting"
        failed += [] if last in failed else [last]
    slow = not ended and os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGXCPU)
    reads = [json.loads(what) for word, what in pairs if word == "reads"]
    return {"failed": failed, "reads": reads, "run": len(begun), "slow": slow, "problem": "".join(unconfined)}


def compile_tests(course: str) -> None:
    """Have pytest compile the course's tests, and keep that beside them, once for all forks."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.chdir(course)
        sys.dont_write_bytecode = False
        pytest.main([*ARGUMENTS, "--collect-only"])
        os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    """Get warm, then answer."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    settings = json.loads(sys.stdin.readline())
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # a course's tests run with what its learners install: pytest
    os.environ["TMPDIR"] = settings["scratch"]
    gc.disable()
    if settings["torch"]:
        from grader.jail.zygote import warm_torch

        warm_torch([])
    with contextlib.redirect_stdout(io.StringIO()):  # a session without tests: what pytest imports is there afterwards
        pytest.main([*ARGUMENTS, "-c", os.devnull, f"--rootdir={settings['scratch']}", settings["scratch"]])
    compile_tests(settings["course"])
    held = rules(settings)
    if held.jail and os.geteuid() == 0:
        kernel.lock_root()
    gc.freeze()
    gc.enable()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), held, settings)), flush=True)


if __name__ == "__main__":
    main()
