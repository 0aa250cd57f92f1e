"""nbgrader for real: its own commands on the course that we make for it, from the release to the export.

Each command runs in a process of its own, as it does for an instructor, but most of nbgrader's and most kernels have
their modules when they begin. Learners solve, half solve, leave untouched and cheat.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import nbformat
import pytest
import warm

from grader import course as courses
from grader.course import Module
from grader.release import notebooks

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
STEP, NEXT = "01_value", "02_backward"
MODULES = {module.name: module for module in COURSE.modules(steps=[STEP, NEXT])}
SECONDS = 300  # for one command on a busy machine; the longest takes some ten
EXPORTED = "fetched"  # who hands in by nbgrader's exchange: the learner who this process is


class Class:
    """One nbgrader course, and nbgrader's commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.learner = folder.parent / "learner"  # where somebody works who fetches assignments
        bin_ = str(Path(sys.executable).parent)
        home = folder.parent / "home"
        for place in (home, self.learner):
            place.mkdir(exist_ok=True)
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))},
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",  # nbgrader calls alembic by its name
            "HOME": str(home),
        }

    def run(self, *command: str, where: Path | None = None, cold: bool = False) -> str:
        """What a command prints. AssertionError: it failed. `cold`: Python starts for it, and for its kernels."""
        cold = cold or command[0] != "nbgrader"
        done = subprocess.run(
            [*([sys.executable] if cold else warm.python("nbgrader.apps")), "-m", *command],
            cwd=where or self.folder,
            env=self.environment if cold else {**self.environment, "JUPYTER_PATH": warm.kernels()},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def hand_in(self, learner: str, step: str, edit: Callable[[Module, str], str], both: bool = True) -> None:
        """A learner's copy of the release, whose module cells `edit` has changed. `both`: the torch notebook too."""
        place = self.folder / "submitted" / learner / step
        shutil.copytree(self.folder / "release" / step, place)
        for file in () if both else place.glob("*_torch.ipynb"):
            file.unlink()
        edit_notebooks(place, edit)

    @cached_property
    def scores(self) -> dict[tuple[str, str], float]:
        """(learner, assignment) -> score, by `nbgrader export`."""
        self.run("nbgrader", "export")
        with (self.folder / "grades.csv").open(newline="") as file:
            return {(row["student_id"], row["assignment"]): float(row["score"]) for row in csv.DictReader(file)}

    def cells(self, learner: str, step: str) -> dict[tuple[str, str], float]:
        """(notebook, cell) -> score, as the gradebook has it."""
        with sqlite3.connect(self.folder / "gradebook.db") as book:
            return {
                (notebook, cell): score
                for notebook, cell, score in book.execute(
                    """SELECT notebook.name, base_cell.name, coalesce(grade.manual_score, grade.auto_score)
                       FROM grade JOIN base_cell ON grade.cell_id = base_cell.id
                       JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
                       JOIN notebook ON submitted_notebook.notebook_id = notebook.id
                       JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
                       JOIN assignment ON submitted_assignment.assignment_id = assignment.id
                       WHERE submitted_assignment.student_id = ? AND assignment.name = ?""",
                    (learner, step),
                )
            }


def edit_notebooks(place: Path, edit: Callable[[Module, str], str]) -> None:
    for file in place.glob("*.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        for cell in notebook.cells:
            if cell.source.startswith("%%module "):
                first, _, text = cell.source.partition("\n")
                cell.source = f"{first}\n{edit(MODULES[file.stem], text)}"
        nbformat.write(notebook, file)


def solve(module: Module, text: str) -> str:
    return COURSE.solution(module).read_text("utf-8")


def leave(module: Module, text: str) -> str:
    return text


def half(module: Module, text: str) -> str:
    """The pure track with a wrong slope of the product and no relu; the other track untouched."""
    if module.track != "pure":
        return text
    wrong = solve(module, text).replace("(other.data, self.data)", "(self.data, other.data)")
    assert wrong != solve(module, text)
    return wrong


# What cheats put at the end of the solution's stub. Each earns nothing with `grader run`.

NO_CELLS = """
import ast

from IPython import get_ipython


class Away(ast.NodeTransformer):
    def visit(self, node):
        return ast.Module(body=[], type_ignores=[])


get_ipython().ast_transformers.append(Away())
"""
GRADEBOOK = '''
import sqlite3

with sqlite3.connect("../../../gradebook.db") as book:
    book.execute(
        """UPDATE grade SET manual_score = (SELECT max_score FROM grade_cells WHERE id = grade.cell_id)
           WHERE notebook_id IN (SELECT submitted_notebook.id FROM submitted_notebook JOIN submitted_assignment
           ON submitted_assignment.id = submitted_notebook.assignment_id WHERE student_id = 'gradebook')"""
    )
'''
EQUAL = """
class Equal:
    def __init__(self, *args, **kwargs):
        self.grad = self.data = self
        self._children = self._local_grads = ()

    def __call__(self, *args):
        return self

    def __getattr__(self, name):
        return self

    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __hash__ = object.__hash__
    __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __pow__ = __call__
    __neg__ = __abs__ = __call__


Value = Equal
"""


def cheat(addition: str) -> Callable[[Module, str], str]:
    return lambda module, text: text + addition


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class that has been released, handed in and autograded by nbgrader itself."""
    term = Class(tmp_path_factory.mktemp("term") / "course")
    exchange = term.folder.parent / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)  # nbgrader asks for it
    term.run("grader", "--course", str(ROOT), "nbgrader", "init", str(term.folder), "--seed", "7", where=ROOT)
    with (term.folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    for place in (term.learner, Path(term.environment["HOME"], ".jupyter")):
        place.mkdir(exist_ok=True)
        (place / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'microgpt'\n"
        )
    for step in (STEP, NEXT):
        term.run("nbgrader", "generate_assignment", step)
    term.run("nbgrader", "release_assignment", STEP)
    term.run("nbgrader", "fetch_assignment", STEP, where=term.learner)
    edit_notebooks(term.learner / STEP, solve)
    term.run("nbgrader", "submit", STEP, where=term.learner)
    term.run("nbgrader", "collect", STEP)
    (solved,) = (path.name for path in (term.folder / "submitted").iterdir())
    (term.folder / "submitted" / solved).rename(term.folder / "submitted" / EXPORTED)
    term.hand_in(EXPORTED, NEXT, solve, both=False)
    term.hand_in("half", STEP, half)
    term.hand_in("untouched", STEP, leave)
    for name, addition in (("equal", EQUAL), ("gradebook", GRADEBOOK), ("no_cells", NO_CELLS)):
        term.hand_in(name, STEP, cheat(addition), both=False)
    term.run("nbgrader", "autograde", STEP)
    term.run("nbgrader", "autograde", NEXT, cold=True)
    return term


def test_the_release_is_what_our_own_release_has(graded: Class) -> None:
    """What nbgrader makes of its source is, but for its checksums, the notebook that learners get from us."""
    ours = notebooks.notebooks(COURSE)
    for module in MODULES.values():
        place = Path(module.step, notebooks.notebook_name(module))
        theirs = nbformat.read(graded.folder / "release" / place, as_version=4)
        for cell in theirs.cells:
            cell.metadata.get("nbgrader", {}).pop("checksum", None)
        assert theirs.cells == nbformat.reads(ours[place], as_version=4).cells


def test_nothing_hidden_is_in_the_release(graded: Class) -> None:
    """No answer and no hidden test is in any file that learners fetch."""
    for file in (graded.folder / "release").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8")
            assert not any(word in text for word in ("HIDDEN TESTS", "checks.replay", "BEGIN SOLUTION")), file


def test_who_solves_it_has_all_points(graded: Class) -> None:
    """A learner who fetched, solved and submitted has all points, also in a step that stands on another assignment."""
    scores = graded.scores
    assert scores[EXPORTED, STEP] == 20
    assert scores[EXPORTED, NEXT] == 10  # of one notebook


def test_who_leaves_it_untouched_has_none(graded: Class) -> None:
    """An untouched notebook earns nothing."""
    assert graded.scores["untouched", STEP] == 0


@pytest.fixture(scope="module")
def ours(graded: Class) -> dict[str, float]:
    """The totals that `grader run` gives to the same hand-ins."""
    results = graded.folder.parent / "results"
    command = ("grader", "--course", str(ROOT), "run", str(graded.folder), "--out", str(results), "--step", STEP)
    graded.run(*command, "--quiet", where=ROOT)
    with (results / "grades.csv").open(newline="") as file:
        return {row["learner"]: float(row["total"]) for row in csv.DictReader(file)}


def test_half_done_has_the_points_that_our_own_grading_gives(graded: Class, ours: dict[str, float]) -> None:
    """On honest work nbgrader's own autograder agrees with `grader run`."""
    theirs = {learner: score for (learner, step), score in graded.scores.items() if step == STEP}
    honest = (EXPORTED, "half", "untouched")
    assert [theirs[learner] for learner in honest] == [ours[learner] for learner in honest]
    assert 0 < ours["half"] < 10
    by_cell = graded.cells("half", STEP)
    assert sum(by_cell.values()) == ours["half"]
    assert {name for notebook, name in by_cell if notebook == "value"} >= set(MODULES["value"].checks)


def test_feedback_is_made(graded: Class) -> None:
    """`nbgrader generate_feedback` makes a page for each notebook."""
    graded.run("nbgrader", "generate_feedback", STEP, "--student", "half")
    pages = sorted((graded.folder / "feedback" / "half" / STEP).glob("*.html"))
    assert [page.name for page in pages] == ["value.html", "value_torch.html"]
    assert "01_value: write" in pages[1].read_text("utf-8")


def test_what_nbgrader_cannot_protect(graded: Class, ours: dict[str, float]) -> None:
    """The list in JUPYTER.md, measured: without an answer two ways give all points; our exact types stop the third.

    This is what nbgrader is: tests, gradebook and learner share one process and one user. `grader run` gives each 0.
    """
    pure = {
        name: sum(score for (notebook, _), score in graded.cells(name, STEP).items() if notebook == "value")
        for name in ("no_cells", "gradebook", "equal")
    }
    assert pure == {"no_cells": 10, "gradebook": 10, "equal": 0}
    assert [ours[name] for name in pure] == [0, 0, 0]
