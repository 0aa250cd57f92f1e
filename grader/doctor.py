"""What this machine enforces, found out by trying each forbidden thing in a worker, without the jail and with it.

Trusted side. A trial that works in the jail is a gap. One that fails without the jail too shows nothing, and says so.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import course as courses
from grader.course import Course
from grader.errors import UserError
from grader.jail import kernel, trials
from grader.marking.check import GraderFault
from grader.marking.workers import Ended, Worker, Zygote, missing_features

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
LIMITED_ANYWAY = ("take_memory", "compute_for_ever")  # limits hold without the jail too: no control
ABI = {1: "reading and writing", 3: "truncating", 4: "TCP", 5: "devices", 6: "signals and abstract sockets"}


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


def self_test() -> list[Trial]:
    """Each thing of `grader.jail.trials`, tried in real workers. GraderFault: no worker could be confined."""
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
        return list(_tried(courses.load(root), root))


def _tried(course: Course, root: Path) -> Iterator[Trial]:
    zygotes = {sandbox: Zygote(course, "pure", sandbox) for sandbox in ("none", "jail")}
    try:
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
    finally:
        for zygote in zygotes.values():
            zygote.close()


def _end(course: Course, zygote: Zygote, trial: str, path: str) -> str:
    """How a trial ended: "" when it did what it tried."""
    load = {"modules": {}, "extras": {}, "forbidden": {}, "output": 1 << 10, "answer": 1 << 10, "seed": 0}
    limits = course.limits
    with Worker(zygote, load, limits) as worker:
        try:
            answer = worker.ask(STEP, trial, [[path]], limits.call_wall_seconds, limits.call_cpu_seconds)["answer"]
        except Ended as ended:
            return f"ended ({ended.reason})"
    if "values" in answer:
        return ""
    return f"refused ({(answer.get('raised') or answer['loading'])['kinds'][0]})"


def facts() -> list[str]:
    """What the machine is, a line each."""
    abi = kernel.landlock_abi() if sys.platform == "linux" else 0
    covered = ", ".join(what for version, what in ABI.items() if version <= abi)
    system = os.uname()
    return [
        f"{system.sysname} {system.release} on {system.machine}, Python {sys.version.split()[0]}, user {os.geteuid()}",
        f"Landlock ABI {abi}" + (f": {covered}" if abi else ""),
    ]


ADVICE = (
    "grade on another machine, in a virtual machine, or in a container whose runtime allows seccomp and Landlock "
    "(landlock_create_ruleset, landlock_add_rule, landlock_restrict_self)"
)


def examine() -> tuple[list[Trial], list[str]]:
    """The trials, and the gaps as sentences; no gap means that the jail holds here."""
    problems = missing_features()
    if problems:
        return [], problems
    try:
        tried = self_test()
    except (GraderFault, UserError) as fault:
        return [], [str(fault)]
    return tried, [f"a worker can {trial.what}" for trial in tried if not trial.refused]
