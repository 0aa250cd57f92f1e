"""Marking 03_softmax (pure) with `grader run`, with nbgrader and with otter-grader: the same checks on the same work.

    python tests/bench/peers.py [--rounds 5] [--copies 200] [--sample 15] [--otter 5]        (make bench-peers)

**Environments.** nbgrader and otter-grader are installed into build/peers/ at the first run, as pip finds them today;
the versions are printed. The grader runs in the environment that runs this file.

**Work.** A class in which every fifth learner handed in the same: three right answers in different hands, one that is
half done, one that overflows. Each copy differs in a comment. The module softmax is the cell of a notebook, namely the
release that nbgrader itself made, with that one cell replaced; steps 01 and 02 are files.

**Checks.** The 13 hidden checks as `grader nbgrader init` writes them into cells: the inputs of one seed, and what the
answers are compared with. nbgrader runs those cells, otter's test files hold the same lines, `grader run` asks the same
questions. Some checks judge more than a comparison can, and there a cell only asks. The first table shows what each
tool gives for other work from tests/submissions, and why where they differ. The class that is timed is work on which
all agree, and each timed run is held to the points that every learner must get.

**What is run.** One command on the whole class for `grader run` and for `nbgrader autograde`, which grades one
notebook after the other; one `otter run` a submission, which is otter's way without containers (`otter grade` starts a
container for each). nbgrader is timed twice: with the 13 checks alone, as otter is, which is the same work; and with
the cells of the public tests too, as the course's notebooks have them, which `grader run` does not ask. No notebook has
the lesson's text or its pictures. `grader run` also starts its jail and writes a record and a page for each learner and
the report; nbgrader writes its gradebook and the executed notebook, otter a file of results. Making and copying the
class is not timed.

**Clock.** All on one core, in turns, so that a round meets one machine; the median of the rounds' ratios counts. Wall
time is what a user waits. CPU time, of a command and all that it started, bears it out on a machine that is busy with
other things. Start-up is in "a submission". "Each further" takes it out: the time of the large class less that of a
class of five, over the learners between; otter starts up for each submission.

**What the ratio does not say.** A Jupyter kernel for each submission is what the others are made for: they grade whole
notebooks in any language that has a kernel, keep the plots and the output that a person then looks at and marks by hand
(nbgrader's formgrader), and run a course around it. `grader run` executes no notebook: it takes the modules out and
asks them questions in a process that was forked from a warm one. The ratio is the price of the one way against the
other, for work that is functions.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from grader import course as courses
from grader.jail import kernel
from grader.nbgrader_bridge import hidden
from grader.release import notebooks

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "peers"
INSTALLED = {"nbgrader": ("nbgrader>=0.9.5", "pytest>=8.3"), "otter-grader": ("otter-grader[grading]>=6",)}
STEP, SEED, FEW = "03_softmax", 1, 5
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: orphans among what we start become our children, and so are counted
COURSE = courses.load(ROOT)
(MODULE,) = COURSE.modules([STEP], ["pure"])
CELL = "module"  # grade_id of the cell that is the learner's

# Folders of tests/submissions. The class that is timed has these in turn.
CLASS = ("perfect", "other_graphs", "ten_steps_in_another_hand", "half_done", "softmax_without_the_maximum")
# Other work, for the first table, and why the tools give different points for it ("": they do not).
ASKED_ONLY = "checks of the graph judge, where a cell only asks"
OTHERS = {
    "untouched": "",
    "dataclass_and_helpers": "",
    "other_names": "",
    "memorised_answers": "",
    "plain_numbers_for_values": ASKED_ONLY,
    "wrong_kinds": "",
    "wrong_softmax_right_model": "",
    "loss_by_log_of_softmax": "",
    "fused_softmax": ASKED_ONLY,
    "sum_for_every_output": ASKED_ONLY,
    "starts_a_thread": "the jail allows no threads",
}

Work = dict[str, str]  # place, such as 03_softmax/softmax.py -> text
Class = dict[str, Work]  # by learner
Points = dict[str, float]  # by learner


@dataclass(frozen=True)
class Cost:
    """Seconds of commands and of all that they started."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Side:
    """One row of the table."""

    name: str
    grade: Callable[[Class], tuple[Cost, Points]]
    many: int  # learners in one round
    few: int = 0  # learners of the small class; 0: there is no start-up to take out


def main() -> int:
    """Install, compare the points, time the rounds, print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=200, help="learners of `grader run`")
    parser.add_argument("--sample", type=int, default=15, help="learners of nbgrader autograde")
    parser.add_argument("--otter", type=int, default=5, help="submissions that each round gives to otter run")
    options = parser.parse_args()
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)
    nbgrader, otter = (environment(name) for name in INSTALLED)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})  # every command inherits it
    with tempfile.TemporaryDirectory(dir=PLACE, prefix="work-") as name:
        tools = Tools(Path(name))
        whole = NbgraderCourse(tools, nbgrader, Path(name, "whole"), with_tests=True)
        alone = NbgraderCourse(tools, nbgrader, Path(name, "alone"), with_tests=False)
        zips = OtterAssignment(tools, otter, Path(name, "otter"))
        sides = [
            Side("grader run", lambda work: grader_run(tools, whole, work, jobs=1), options.copies, FEW),
            Side("nbgrader autograde, checks alone", alone.autograde, options.sample, FEW),
            Side("nbgrader autograde, and public tests", whole.autograde, options.sample, FEW),
            Side("otter run, checks alone", zips.run, options.otter),
        ]
        right, agreed = compare(sides)
        rounds = [one_round(sides, right, number) for number in range(1, options.rounds + 1)]
        show(sides, rounds)
        os.sched_setaffinity(0, cores)
        every = [
            per_learner(grader_run(tools, whole, klass(options.copies), jobs=len(cores))[0], options.copies)
            for _ in range(options.rounds)
        ]
        middle = 1000 * statistics.median(one.wall for one in every)
        print(f"\ngrader run on all {len(cores)} cores, as a user has it: {middle:.1f} ms of wall time a submission")
    return 0 if agreed else 1


# The work


def work_of(situation: str) -> Work:
    """A submission's pure modules up to STEP, and files of the learner's own beside them."""
    found = {}
    for file in sorted((ROOT / "tests" / "submissions" / situation / "exercises").glob("*/*.py")):
        if file.parent.name <= STEP and not file.stem.endswith("_torch"):
            found[f"{file.parent.name}/{file.name}"] = file.read_text("utf-8")
    return found


def klass(count: int) -> Class:
    """Learners who have handed in each situation of CLASS in turn, with a comment of their own."""
    work = [work_of(situation) for situation in CLASS]
    return {
        f"{CLASS[i % len(CLASS)]}-{i:04}": {
            place: f"{text}\n# handed in by {i}\n" for place, text in work[i % len(CLASS)].items()
        }
        for i in range(count)
    }


def instructors_notebook(with_tests: bool) -> Any:
    """The solved notebook with the hidden checks in cells: that of `grader nbgrader init` less text and pictures."""
    asked = hidden.questions(COURSE, MODULE, SEED)
    edition = notebooks.Edition(
        lambda module: COURSE.solution(module).read_text("utf-8"),
        lambda module, check: (
            hidden.set_up(COURSE, module) if check == notebooks.SET_UP_CHECKS else hidden.cell(asked[check])
        ),
    )
    made = nbformat.reads(notebooks.text(COURSE, [MODULE], edition), as_version=4)
    made.cells = [cell for cell in made.cells if "nbgrader" in cell.metadata]
    if not with_tests:
        kept = (CELL, notebooks.SET_UP_CHECKS, *MODULE.checks)
        made.cells = [cell for cell in made.cells if cell.metadata.nbgrader.grade_id in kept]
        (cell,) = (cell for cell in made.cells if cell.metadata.nbgrader.grade_id == CELL)
        cell.source = cell.source.replace("%%module ", "%%writefile ", 1)  # which needs nothing of the course's
    return made


def answered(notebook: Any, text: str) -> str:
    """A notebook in whose module cell the learner has written `text`."""
    copy = nbformat.from_dict(notebook)
    (cell,) = (cell for cell in copy.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == CELL)
    cell.source = f"{cell.source.splitlines()[0]}\n{text}"
    return nbformat.writes(copy)


def write(folder: Path, files: Work) -> None:
    for place, text in files.items():
        file = folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


# What grades it


def environment(package: str) -> Path:
    """The bin folder of a virtual environment with this package, made where it is not there yet."""
    place = PLACE / package
    python, ready = place / "bin" / "python", place / "ready"
    wanted = " ".join(INSTALLED[package])
    if not ready.is_file() or ready.read_text("utf-8") != wanted:
        print(f"installing {package} into build/peers/{package}", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *INSTALLED[package]], check=True)
        ready.write_text(wanted, encoding="utf-8")
    told = "import sys; from importlib.metadata import version; print(version(sys.argv[1]), sys.version.split()[0])"
    done = subprocess.run([str(python), "-c", told, package], check=True, capture_output=True, text=True)
    print("{} {}, Python {}".format(package, *done.stdout.split()), flush=True)
    return python.parent


class Tools:
    """Runs commands: one after the other, in a clean environment, timed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log.txt"
        (folder / "home").mkdir()

    def new(self, name: str) -> Path:
        """An empty folder."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place

    def timed(self, command: list[str], where: Path, bin_: Path) -> Cost:
        """Run a command to its end. RuntimeError: it failed."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))}
        settings = {
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",  # nbgrader calls alembic by its name
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        with self.log.open("w") as log:
            started = time.perf_counter()
            process = subprocess.Popen(
                [str(bin_ / command[0]), *command[1:]], cwd=where, env=kept | settings, stdout=log, stderr=log
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{command} failed:\n{self.log.read_text('utf-8')[-3000:]}")
        cpu = usage.ru_utime + usage.ru_stime
        with contextlib.suppress(ChildProcessError):
            while True:  # what lost its parent is ours: PR_SET_CHILD_SUBREAPER
                _, _, usage = os.wait4(-1, 0)
                cpu += usage.ru_utime + usage.ru_stime
        return Cost(wall, cpu)


class NbgraderCourse:
    """A course folder with one released assignment, which is copied for each class."""

    def __init__(self, tools: Tools, bin_: Path, folder: Path, with_tests: bool) -> None:
        self.tools, self.bin, self.folder, self.with_tests = tools, bin_, folder, with_tests
        source = folder / "source" / STEP
        source.mkdir(parents=True)
        (folder / "nbgrader_config.py").write_text("c = get_config()\n")
        nbformat.write(instructors_notebook(with_tests), source / notebooks.notebook_name(MODULE))
        if with_tests:
            exercises = ROOT / "exercises"
            for name in (*COURSE.notebooks.files, f"{STEP}/test_{MODULE.file}"):
                target = source / name.removeprefix(f"{STEP}/")
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(exercises / name, target)
        tools.timed(["nbgrader", "generate_assignment", STEP, "--create"], folder, bin_)
        self.release = nbformat.read(folder / "release" / STEP / notebooks.notebook_name(MODULE), as_version=4)

    def hand_in(self, course: Path, learners: Class) -> None:
        """Write submitted/, in which the module of STEP is a cell."""
        for learner, work in learners.items():
            rest = {place: text for place, text in work.items() if place != f"{STEP}/{MODULE.file}"}
            rest[f"{STEP}/{notebooks.notebook_name(MODULE)}"] = answered(self.release, work[f"{STEP}/{MODULE.file}"])
            write(course / "submitted" / learner, rest)

    def autograde(self, learners: Class) -> tuple[Cost, Points]:
        course = self.tools.new("course")
        shutil.copytree(self.folder, course, dirs_exist_ok=True)
        self.hand_in(course, learners)
        for learner in learners:
            self.earlier_steps(course, learner)
        cost = self.tools.timed(["nbgrader", "autograde", STEP], course, self.bin)
        with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as book:
            points = dict(
                book.execute(
                    """SELECT submitted_assignment.student_id, coalesce(sum(grade.auto_score), 0) FROM grade
                       JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
                       JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
                       GROUP BY submitted_assignment.student_id"""
                )
            )
        return cost, points

    def earlier_steps(self, course: Path, learner: str) -> None:
        """Where the notebook looks for them: beside its folder, as autograded before; or else in its own."""
        for folder in sorted((course / "submitted" / learner).iterdir()):
            if folder.name == STEP:
                continue
            if self.with_tests:
                target = course / "autograded" / learner / folder.name
                shutil.copytree(folder, target)
                for test in (ROOT / "exercises" / folder.name).glob("test_*.py"):
                    shutil.copy(test, target)
            else:
                shutil.copytree(folder, folder.with_name(STEP), dirs_exist_ok=True)


class OtterAssignment:
    """An autograder.zip whose test files hold the lines of the hidden checks' cells."""

    def __init__(self, tools: Tools, bin_: Path, folder: Path) -> None:
        self.tools, self.bin, self.zip = tools, bin_, folder / "autograder.zip"
        self.notebook = instructors_notebook(with_tests=False)
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in self.notebook.cells}
        self.notebook.cells = [cells[CELL]]
        files = {"hidden_checks.py": cells[notebooks.SET_UP_CHECKS].source}
        for name, check in MODULE.checks.items():
            files[f"tests/{name}.py"] = otter_test(name, check.points, cells[name].source)
        write(folder, files)
        options = ["-t", "tests", "-o", self.zip.name, "--no-requirements", "--no-environment", "--no-config"]
        tools.timed(["otter", "generate", *options, "hidden_checks.py"], folder, bin_)

    def run(self, learners: Class) -> tuple[Cost, Points]:
        place = self.tools.new("handed-in")
        walls, cpus, points = [], [], {}
        for learner, work in learners.items():
            with zipfile.ZipFile(place / f"{learner}.zip", "w") as file:
                for name, text in work.items():
                    if name != f"{STEP}/{MODULE.file}":
                        file.writestr(Path(name).name, text)
                file.writestr(notebooks.notebook_name(MODULE), answered(self.notebook, work[f"{STEP}/{MODULE.file}"]))
            options = ["-a", str(self.zip), "-o", str(place), "--no-logo"]
            cost = self.tools.timed(["otter", "run", *options, f"{learner}.zip"], place, self.bin)
            walls.append(cost.wall)
            cpus.append(cost.cpu)
            results = json.loads((place / "results.json").read_text("utf-8"))
            points[learner] = sum(test.get("score", 0) for test in results["tests"])
        return Cost(sum(walls), sum(cpus)), points


def otter_test(name: str, points: float, source: str) -> str:
    """A test file of otter's, in its format of functions that raise."""
    return (
        f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = {points!r}\n\n\n"
        f"@test_case(hidden=True)\ndef {name}():\n    from hidden_checks import {notebooks.SET_UP_CHECKS}\n\n"
        f"{textwrap.indent(source, '    ')}\n"
    )


def grader_run(tools: Tools, course: NbgraderCourse, learners: Class, jobs: int) -> tuple[Cost, Points]:
    """`grader run` on the very notebooks that nbgrader gets, cells of public tests and all, which it passes over."""
    place = tools.new("grader")
    shutil.copy(course.folder / "nbgrader_config.py", place)
    course.hand_in(place, learners)
    options = ["--out", str(place / "out"), "--seed", str(SEED), "--step", STEP, "--track", MODULE.track]
    command = ["python", "-m", "grader", "--course", str(ROOT), "run", str(place), *options, "--jobs", str(jobs)]
    cost = tools.timed(command, ROOT, Path(sys.executable).parent)
    with (place / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        return cost, {row["learner"]: float(row["total"]) for row in csv.DictReader(file)}


# The tables


def compare(sides: list[Side]) -> tuple[Points, bool]:
    """Print what each side gives for each situation. Returns `grader run`'s points, and whether all is as expected."""
    work = {situation: work_of(situation) for situation in (*CLASS, *OTHERS)}
    given = [side.grade(work)[1] for side in sides]
    agreed = True
    print("points of 10                   grader  nbgrader (alone, with tests)   otter")
    for situation in work:
        row = [points[situation] for points in given]
        why = OTHERS.get(situation, "")
        fits = (len(set(row)) > 1) == bool(why)
        agreed = agreed and fits
        told = why if fits else "NOT EXPECTED"
        print(f"{situation:30} {row[0]:6.4g} {row[1]:9.4g} {row[2]:12.4g} {row[3]:14.4g}   {told}".rstrip(), flush=True)
    return given[0], agreed


def one_round(sides: list[Side], right: Points, number: int) -> list[tuple[Cost, Cost]]:
    """For each side the cost of a submission, and of each further one."""
    row = []
    for side in sides:
        many = graded(side, side.many, right)
        each = further = per_learner(many, side.many)
        if side.few:
            few = graded(side, side.few, right)
            further = per_learner(Cost(many.wall - few.wall, many.cpu - few.cpu), side.many - side.few)
        row.append((each, further))
    told = ", ".join(f"{1000 * each.wall:.1f}" for each, _ in row)
    print(f"round {number}: {told} ms", flush=True)
    return row


def graded(side: Side, count: int, right: Points) -> Cost:
    """RuntimeError: somebody was not given the points that this work gets."""
    learners = klass(count)
    cost, points = side.grade(learners)
    wrong = [one for one in learners if points.get(one) != right[one.rpartition("-")[0]]]
    if wrong:
        raise RuntimeError(f"{side.name} gives other points than before to {', '.join(wrong)}")
    return cost


def per_learner(cost: Cost, count: int) -> Cost:
    return Cost(cost.wall / count, cost.cpu / count)


def show(sides: list[Side], rounds: list[list[tuple[Cost, Cost]]]) -> None:
    """The medians of the rounds. Ratios are those of one round, to its `grader run`."""
    for clock in ("wall", "cpu"):
        print(
            f"\n{f'ms of {clock} time, one core':36} learners  a submission    ratio (from, to)   each further   ratio"
        )
        for i, side in enumerate(sides):
            told = f"{side.name:36} {side.many:8}"
            for column, width in ((0, 14), (1, 15)):
                mine = [getattr(row[i][column], clock) for row in rounds]
                ratios = [one / getattr(row[0][column], clock) for one, row in zip(mine, rounds, strict=True)]
                told += f"{1000 * statistics.median(mine):{width}.1f} {statistics.median(ratios):8.1f}"
                told += "" if column else f" {f'({min(ratios):.0f}, {max(ratios):.0f})':10}"
            print(told, flush=True)


if __name__ == "__main__":
    sys.exit(main())
