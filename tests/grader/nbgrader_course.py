"""A small course as an nbgrader course, and results to push to it: what the tests of the bridge share.

The notebooks are the smallest that nbgrader takes. nbgrader's own commands run as they do for an instructor, in
processes of their own, which have nbgrader's modules when they begin.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import nbgrader.api
import warm
from click.testing import CliRunner, Result

from grader import course as courses
from grader import store
from grader.cli import main
from grader.course import Course
from grader.model import FAILED, PASSED, ClassList, HandIn, ModuleResult, Outcome, Person, Record

MANIFEST = """\
title = "A small course"

[tracks.pure]
suffix = ""

[tracks.torch]
suffix = "_torch"

[limits]
call_wall_seconds = 20
call_cpu_seconds = 1
submission_wall_seconds = 60
submission_cpu_seconds = 20
memory_mib = 256
output_kib = 64
answer_kib = 1024

[term]
deadline = 2026-11-30T23:59:00+01:00
late_per_day = 0.1
late_days = 7

[term.deadlines]
02_quad = 2026-12-31T23:59:00-05:00

[steps.01_double]
title = "Twice"

[steps.01_double.pure.checks]
test_twice = { points = 3, hint = "What is 2 * x?" }
test_negative = { points = 1.5, hint = "Is a negative number refused?" }
test_zero = { points = 0.25, hint = "What is 2 * 0?" }

[steps.01_double.torch.checks]
test_twice = { points = 2, hint = "What is 2 * x?" }

[steps.02_quad]
title = "Four times"
needs = ["01_double"]

[steps.02_quad.pure.checks]
test_four_times = { points = 4, hint = "double() twice" }
"""
SENTENCE = "It is what the lesson says."
SOLUTION = """\
def times(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
# Every new gradebook is told the version of its tables by a program, which takes a second: here the first one is.
nbgrader.api.get_alembic_version = functools.cache(nbgrader.api.get_alembic_version)
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def course(folder: Path, manifest: str = MANIFEST) -> Course:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.toml").write_text(manifest, encoding="utf-8")
    made = courses.load(folder)
    for module in made.modules():
        made.solution(module).parent.mkdir(parents=True, exist_ok=True)
        made.solution(module).write_text(SOLUTION, encoding="utf-8")
    return made


# what is handed out


def cell(name: str, source: str, **marks: object) -> dict[str, Any]:
    nbgrader = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {
        "cell_type": "code",
        "id": name.replace("_", "-"),
        "metadata": {"nbgrader": nbgrader | {"grade_id": name} | marks},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


def write_source(course: Course, folder: Path) -> None:
    """In place of grader.nbgrader_bridge.source.write: folder/NN_step/."""
    for module in course.modules():
        checked: dict[str, Any] = {"grade": True, "locked": True}
        cells = [
            cell("module", f"%%module {module.file}\n### BEGIN SOLUTION\n1\n### END SOLUTION", solution=True),
            cell("public_test_by_hand", "# a public test", points=0, **checked),
            cell("checks", "# what the others need", points=0, **checked),
            *(cell(one.name, f"# {SENTENCE}", points=one.points, **checked) for one in module.checks.values()),
        ]
        notebook = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
        file = folder / module.step / f"{module.name}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(notebook), encoding="utf-8")
        file.with_name("figure.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")


def environment(home: Path) -> dict[str, str]:
    """For nbgrader's commands: this interpreter's programs come first, and nobody's own settings are read."""
    own = {name: str(home / name.lower()) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, **own, "JUPYTER_RUNTIME_DIR": str(home / "run"), "PATH": path}


def run_nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*warm.python("nbgrader.apps"), "-m", "nbgrader", *arguments],
        cwd=folder, env=environment(folder.parent / "home"), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def generated(course: Course, folder: Path) -> Path:
    """An nbgrader course in `folder` whose assignments have all been generated."""
    from grader.nbgrader_bridge.frame import init

    for step in init(course, folder, None, lambda: write_source(course, folder / "source")):
        made = run_nbgrader(folder, "generate_assignment", step)
        assert made.returncode == 0, made.stderr
    return folder


# what was handed in, and what came of it


def outcome(check: str, failed: Mapping[str, str]) -> Outcome:
    if check not in failed:
        return Outcome(check, PASSED, SENTENCE, chain="own")
    cause = "missing" if failed[check] == "missing" else "wrong"
    return Outcome(check, FAILED, SENTENCE, cause, failed[check], "" if cause == "missing" else "Look again.")


def record(course: Course, learner: str, failed: Mapping[str, Mapping[str, str]], attempt: str = "") -> Record:
    """A record in which all passes but what is in `failed`: module -> check -> reason; "missing" for a whole module."""
    modules = []
    for module in course.modules():
        own = failed.get(module.key, {})
        reasons = dict.fromkeys(module.checks, "missing") if own == "missing" else own
        outcomes = tuple(outcome(check, reasons) for check in module.checks)
        modules.append(ModuleResult(module.step, module.track, outcomes))
    return Record(learner, tuple(modules), 7, {}, {"level": "jail"}, attempt=attempt)


def hand_in(learner: str, times: Mapping[str, str] | None = None, attempt: str = "") -> HandIn:
    stamps = {step: datetime.fromisoformat(time) for step, time in (times or {}).items()}
    return HandIn(learner, (), attempt, stamps)


def results(
    course: Course,
    folder: Path,
    records: Iterable[Record],
    hand_ins: Iterable[HandIn],
    roster: Iterable[Person] | None = None,
    refused: Mapping[str, str] | None = None,
    submissions: Path | None = None,
) -> Path:
    """A folder as `grader run` leaves it."""
    keys = [module.key for module in course.modules()]
    settings = {"course": course.title, "seed": 7, "sandbox": "jail", "modules": keys, "submissions": str(submissions)}
    with store.open_store(folder, settings) as opened:
        for one in records:
            opened.save(one)
        people = None if roster is None else tuple(roster)
        opened.save_class(ClassList(tuple(hand_ins), people, dict(refused or {})))
    return folder


# commands and gradebooks


def grader(course: Course, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["--course", str(course.root), *map(str, arguments)], catch_exceptions=False)


@contextmanager
def gradebook(folder: Path) -> Iterator[Any]:
    """nbgrader's own Gradebook, as nbgrader itself opens it."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "a-small-course") as book:
        yield book
