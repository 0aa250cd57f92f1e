"""What this machine enforces, found out by trying each forbidden thing in a worker, without the jail and with it.

Trusted side. A trial that works in the jail is a gap. One that fails without the jail too shows nothing, and says so.
What only Linux has is imported where it is used: on another system the command line has to say that it cannot grade.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UserError

if TYPE_CHECKING:
    from grader.course import Course
    from grader.marking.workers import Zygote

STEP = "01_trial"
COURSE = """\
title = "self-test"
[tracks.pure]
suffix = ""
[limits]
call_wall_seconds = 20
call_cpu_seconds = 0.3
submission_wall_seconds = 60
submission_cpu_seconds = 9
memory_mib = 256
output_kib = 64
answer_kib = 64
[steps.01_trial]
title = "trial"
[steps.01_trial.pure.checks]
test_trial = { points = 1, hint = "" }
"""
LOAD = {"modules": {}, "compiled": {}, "extras": {}, "forbidden": {}, "output": 1 << 10, "answer": 1 << 10, "seed": 0}
LIMITED_ANYWAY = ("take_memory", "compute_for_ever")  # limits hold without the jail too: no control
# What a Landlock ABI covers, from which one on. What it does not cover, the seccomp filter refuses.
ABI = {1: "reading and writing", 3: "truncating", 4: "TCP", 5: "devices", 6: "signals and abstract sockets"}
# Seen from outside, which no worker can forge: what it cannot do, the field of /proc/PID/status, its value in the jail
STATUS = (
    ("hold a capability", "CapEff", "0000000000000000"),
    ("gain rights from a program file", "NoNewPrivs", "1"),
    ("make a system call that is not on the list", "Seccomp", "2"),
)
LIMITS = {  # names in /proc/PID/limits, and the unit
    "Max address space": " bytes",
    "Max cpu time": " s",
    "Max file size": " bytes",
    "Max processes": "",
    "Max open files": "",
}
ADVICE = (
    "grade on another Linux machine, in a virtual machine, or in a container whose runtime allows seccomp and Landlock"
)


@dataclass(frozen=True)
class Trial:
    """One forbidden thing: how it ended in the jail ("" if it worked there), and whether it works without."""

    what: str
    refused: str
    works_without: bool | None  # None: not tried

    @property
    def line(self) -> str:
        if not self.refused:
            return f"GAP  {self.what}: it works in the jail"
        also = "; it fails without the jail too, so this shows nothing" if self.works_without is False else ""
        return f"ok   {self.what}: {self.refused}{also}"


@dataclass(frozen=True)
class Report:
    """What was found: facts by name, the trials, and each gap as a sentence with what to do."""

    facts: dict[str, str]
    gaps: list[str]
    tried: list[Trial] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.gaps

    def lines(self) -> Iterator[tuple[str, str | None]]:
        """Each line to print, and its colour."""
        for name, value in self.facts.items():
            yield f"{name}: {value}", None
        for trial in self.tried:
            yield trial.line, None if trial.refused else "red"
        for gap in self.gaps:
            yield f"missing: {gap}", "red"
        if self.gaps:
            yield f"This machine cannot grade untrusted code as it is. Mend the above, or {ADVICE}.", "red"
        else:
            yield f"The jail holds here: {len(self.tried)} forbidden things tried, all refused.", "green"

    def data(self) -> dict[str, object]:
        """The same for `--json`."""
        return {"holds": self.holds, **dataclasses.asdict(self)}


def self_test() -> tuple[list[Trial], dict[str, str]]:
    """The trials in real workers, and facts about those. GraderFault: no worker could be confined."""
    from grader import course as courses
    from grader.jail import trials
    from grader.marking.workers import Zygote

    with tempfile.TemporaryDirectory(prefix="grader-doctor-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # the jail's user may come here: it is the jail that has to refuse
        for name, text in (
            ("course.toml", COURSE),
            (f"tests/hidden/{STEP}/probes.py", Path(trials.__file__).read_text("utf-8")),
            (f"solutions/{STEP}/trial.py", ""),
        ):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        course = courses.load(root)
        zygotes = {sandbox: Zygote(course, "pure", sandbox) for sandbox in ("none", "jail")}
        try:
            tried = [*_tried(course, root, zygotes)]
            status = {sandbox: _status(course, zygote) for sandbox, zygote in zygotes.items()}
        finally:
            for zygote in zygotes.values():
                zygote.close()
    return [*tried, *_seen(status)], _worker_facts(status["jail"])


def _tried(course: Course, root: Path, zygotes: dict[str, Zygote]) -> Iterator[Trial]:
    from grader.jail import trials

    for trial in trials.TRIALS:
        ends = {}
        for sandbox, zygote in zygotes.items():
            if sandbox == "jail" or trial.__name__ not in LIMITED_ANYWAY:
                target = root / f"{trial.__name__}-{sandbox}"
                target.write_text("secret")
                target.chmod(0o666)
                ends[sandbox] = _end(course, zygote, trial.__name__, str(target))
        without = ends.get("none")
        # without the jail a process that becomes another program gives no answer, and that is success
        works = None if without is None else not without or (trial is trials.execute and "status 0" in without)
        yield Trial(str(trial.__doc__), ends["jail"], works)


def _end(course: Course, zygote: Zygote, trial: str, path: str) -> str:
    """How a trial ended: "" when it did what it tried."""
    from grader.marking.workers import Ended, Worker

    limits = course.limits
    with Worker(zygote, LOAD, limits) as worker:
        try:
            answer = worker.ask(STEP, trial, [[path]], limits.call_wall_seconds, limits.call_cpu_seconds)["answer"]
        except Ended as ended:
            return f"ended ({ended.reason})"
    if "values" in answer:
        return ""
    return f"refused ({(answer.get('raised') or answer['loading'])['kinds'][0]})"


def _status(course: Course, zygote: Zygote) -> dict[str, str]:
    """What the kernel says about a worker: the fields of /proc/PID/status, and the limits by their names."""
    from grader.marking.workers import Worker

    with Worker(zygote, LOAD, course.limits) as worker:
        worker.confirm()
        folder = Path("/proc", str(worker.pid))
        lines = (folder / "status").read_text("utf-8").splitlines()
        limits = (folder / "limits").read_text("utf-8").splitlines()[1:]
    fields = {name: " ".join(value.split()) for name, _, value in (line.partition(":") for line in lines)}
    return fields | {line[:25].strip(): line[26:46].strip() for line in limits}  # columns: fs/proc/base.c


def _seen(status: dict[str, dict[str, str]]) -> Iterator[Trial]:
    for what, name, value in STATUS:
        holds = status["jail"][name] == value
        yield Trial(
            what, f"refused ({name} {value}, seen from outside)" if holds else "", status["none"][name] != value
        )


def _worker_facts(status: dict[str, str]) -> dict[str, str]:
    uid = int(status["Uid"].split()[0])
    if uid == 0:
        reason = "without capabilities; no other user can read this interpreter"
    else:
        reason = "the one who grades" if uid == os.geteuid() else "nobody, who can read this interpreter"
    return {
        "workers run as": f"user {uid}, {reason}",
        "limits of a worker here": ", ".join(
            f"{name.removeprefix('Max ')} {status[name]}{unit}" for name, unit in LIMITS.items()
        ),
    }


def facts() -> dict[str, str]:
    """What the machine is."""
    found = {"machine": f"{platform.system()} {platform.release()} on {platform.machine()}"}
    found["Python"] = platform.python_version()
    has_torch = importlib.util.find_spec("torch") is not None
    found["torch"] = "installed" if has_torch else "not installed: the torch track cannot be graded"
    if sys.platform == "linux":
        from grader.jail import kernel, seccomp

        abi = kernel.landlock_abi()
        covered = ", ".join(what for version, what in ABI.items() if version <= abi)
        rest = ", ".join(what for version, what in ABI.items() if version > abi)
        found["user"] = str(os.geteuid())
        found["Landlock"] = f"ABI {abi}: {covered}{rest and '; left to seccomp: '}{rest}" if abi else "none"
        found["seccomp"] = "takes filters" if seccomp.supported() else "none"
    return found


def examine() -> Report:
    """All of it. No gap means that the jail holds here."""
    if sys.platform != "linux":
        return Report(facts(), [f"grading needs Linux; this is {sys.platform}"])
    from grader.marking.check import GraderFault
    from grader.marking.workers import missing_features

    problems = missing_features()
    if problems:
        return Report(facts(), problems)
    try:
        tried, about_workers = self_test()
    except (GraderFault, UserError) as fault:
        return Report(facts(), [str(fault)])
    gaps = [f"a worker can {trial.what}: grade elsewhere, and report it" for trial in tried if not trial.refused]
    return Report(facts() | about_workers, gaps, tried)
