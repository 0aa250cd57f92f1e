"""Several processes at one gradebook, and pushes that are killed: real ones, started together and waited for."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest
import warm

pytest.importorskip("nbgrader", reason="nbgrader is not installed: no gradebook is written")
from nbgrader_course import (
    course,
    environment,
    generated,
    gradebook,
    grader,
    hand_in,
    record,
    results,
)

from grader.course import Course
from grader.nbgrader_bridge import books

LEARNERS = [f"s{number:02}" for number in range(20)]
LONG = 300  # seconds after which a process of these tests is taken for stuck
WRONG = {"01_double/pure": {"test_twice": "not 2 x"}}
WHEN = {"": "2026-12-01T12:00:00+01:00"}
# Says that it is ready, waits to be told, and then is the command line.
START = "import sys; from grader.cli import main; print('ready', flush=True); sys.stdin.readline(); main(sys.argv[1:])"
# Sets scores as formgrader does, through nbgrader's API and with its patience of 5 s, until it is told to end.
FORMGRADER = """
import sys, threading
from nbgrader.api import Gradebook
done = threading.Event()
print("ready", flush=True)
sys.stdin.readline()
threading.Thread(target=lambda: (sys.stdin.readline(), done.set()), daemon=True).start()
rounds = 0
while not done.is_set() or not rounds:
    with Gradebook("sqlite:///" + sys.argv[1], "a-small-course") as book:
        for learner in sys.argv[2:]:
            grade = book.find_grade("test_twice", "double", "01_double", learner)
            grade.manual_score, grade.needs_manual_grade = 0.5 + rounds % 2, False
            book.db.commit()
            done.wait(0.05)  # a person's pauses are longer
    rounds += 1
print(rounds, flush=True)
"""
# Ends itself without any warning in the middle of the third learner: `place` says where.
KILLED = """
import os, signal, sys
from grader.cli import main
from grader.nbgrader_bridge import books, pages
place, left = sys.argv.pop(1), [3]
def dies(): os.kill(os.getpid(), signal.SIGKILL)
def counted():
    left[0] -= 1
    return left[0] == 0
write, save, atomically = books.write, pages.write, pages.write_atomically
def in_transaction(book, work):
    def both():
        answer = work()
        book.db.flush()
        if counted(): dies()
        return answer
    return write(book, both)
def before_pages(*arguments):
    if counted(): dies()
    return save(*arguments)
def between_pages(file, *more, **others):
    if file.suffix == ".ipynb" and counted(): dies()
    atomically(file, *more, **others)
if place == "in the transaction": books.write = in_transaction
if place == "before the pages": pages.write = before_pages
if place == "between the pages": pages.write_atomically = between_pages
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An nbgrader course without scores."""
    top = tmp_path_factory.mktemp("nbgrader")
    return generated(course(top / "course"), top / "nb")


@pytest.fixture
def small(tmp_path: Path) -> Course:
    return course(tmp_path / "course")


@pytest.fixture
def nb(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "nb"))


def graded(small: Course, folder: Path, learners: list[str]) -> Path:
    handed = folder.parent / "class"
    for learner in learners:
        for place in ("01_double/double.py", "01_double/double_torch.py", "02_quad/quad.py"):
            file = handed / learner / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"# {learner}\n", encoding="utf-8")
    records = [record(small, learner, WRONG) for learner in learners]
    return results(small, folder, records, [hand_in(one, WHEN) for one in learners], submissions=handed)


def started(code: str, *arguments: object, folder: Path) -> subprocess.Popen[str]:
    """A process that runs `code` and has said that it is ready."""
    process = subprocess.Popen(
        [*warm.python("nbgrader.apps"), "-c", code, *map(str, arguments)], env=environment(folder / "home"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


def go(process: subprocess.Popen[str]) -> None:
    pipe: IO[str] | None = process.stdin
    assert pipe is not None
    pipe.write("go\n")
    pipe.flush()


def ended(process: subprocess.Popen[str]) -> str:
    """What it says after it has ended well."""
    try:
        out, err = process.communicate(timeout=LONG)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"stuck: {process.communicate()}")
    assert process.returncode == 0, out + err
    return out


def push_arguments(small: Course, where: Path, nb: Path) -> list[object]:
    return ["--course", small.root, "nbgrader", "push", where, "--course", nb]


def content(nb: Path) -> dict[str, Any]:
    """All scores, comments and penalties by their names, and all files: without nbgrader's random ids."""
    with gradebook(nb) as book:
        found: dict[str, Any] = {
            f"{submission.student.id}/{assignment.name}/{one.name}": (
                str(submission.timestamp),
                one.late_submission_penalty,
                sorted((grade.name, grade.auto_score, grade.needs_manual_grade) for grade in one.grades),
                [comment.auto_comment for comment in one.comments],
            )
            for assignment in book.assignments
            for submission in book.assignment_submissions(assignment.name)
            for one in submission.notebooks
        }
        found["students"] = sorted(student.id for student in book.students)
    files = [file for stage in ("autograded", "submitted") for file in (nb / stage).rglob("*") if file.is_file()]
    return found | {str(file.relative_to(nb)): file.read_text("utf-8") for file in files}


def require_sound(nb: Path) -> None:
    """SQLite finds nothing wrong, and no submission is there twice or in half."""
    with sqlite3.connect(nb / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        waiting = "select count(*) from grade where auto_score is null or needs_manual_grade"
        assert database.execute(waiting).fetchone() == (0,)
    database.close()


@pytest.fixture(scope="module")
def alone(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one undisturbed push leaves of all learners; only to be compared with."""
    top = tmp_path_factory.mktemp("alone")
    small, folder = course(top / "course"), top / "nb"
    shutil.copytree(template, folder)
    where = graded(small, top / "results", LEARNERS)
    done = grader(small, "nbgrader", "push", where, "--course", folder)
    assert done.exit_code == 0, done.output
    return content(folder)


def test_two_pushes_at_once(small: Course, nb: Path, tmp_path: Path, alone: dict[str, Any]) -> None:
    """Of overlapping classes, started together: both end well, and leave what one push of all leaves."""
    halves = [LEARNERS[:14], LEARNERS[6:]]
    folders = [graded(small, tmp_path / f"half{n}" / "results", half) for n, half in enumerate(halves)]
    both = [started(START, *push_arguments(small, where, nb), folder=tmp_path) for where in folders]
    for one in both:
        go(one)
    for one in both:
        assert "14 learners have their marks there" in ended(one)
    require_sound(nb)
    assert content(nb) == alone


def test_a_push_while_somebody_grades_by_hand(small: Course, nb: Path, tmp_path: Path) -> None:
    """Scores that nbgrader's API writes meanwhile are all kept, and nobody is told that the gradebook is locked."""
    where = graded(small, tmp_path / "results", LEARNERS)
    assert grader(small, "nbgrader", "push", where, "--course", nb).exit_code == 0
    with gradebook(nb) as book:
        for learner in LEARNERS:  # so that every push has something to write
            book.find_submission_notebook("double", "01_double", learner).late_submission_penalty = 1
        book.db.commit()
    by_hand = LEARNERS[::2]
    hand = started(FORMGRADER, nb / "gradebook.db", *by_hand, folder=tmp_path)
    push = started(START, *push_arguments(small, where, nb), folder=tmp_path)
    go(hand)
    go(push)
    ended(push)
    go(hand)
    rounds = int(ended(hand))
    require_sound(nb)
    with gradebook(nb) as book:
        found = {one: book.find_grade("test_twice", "double", "01_double", one) for one in LEARNERS}
        last = 0.5 + (rounds - 1) % 2
        assert {one: found[one].manual_score for one in LEARNERS} == {
            one: last if one in by_hand else None for one in LEARNERS
        }
        assert {grade.auto_score for grade in found.values()} == {0}


def test_pushes_while_nbgrader_autogrades(small: Course, nb: Path, tmp_path: Path) -> None:
    """`nbgrader autograde` of another learner runs to its end between pushes, and finds its own scores afterwards."""
    release = json.loads((nb / "release" / "02_quad" / "quad.ipynb").read_text("utf-8"))
    theirs = nb / "submitted" / "zed" / "02_quad"
    theirs.mkdir(parents=True)
    for one in release["cells"]:
        one["source"] = "1" if one["metadata"]["nbgrader"]["solution"] else one["source"]
    (theirs / "quad.ipynb").write_text(json.dumps(release), encoding="utf-8")
    command = [sys.executable, "-m", "nbgrader", "autograde", "02_quad", "--student", "zed"]
    with (tmp_path / "autograde.log").open("w") as log:
        running = subprocess.Popen(command, cwd=nb, env=environment(tmp_path / "home"), stdout=log, stderr=log)
    pushes = 0
    try:
        while running.poll() is None or not pushes:
            where = graded(small, tmp_path / f"push{pushes}" / "results", [f"p{pushes}_{n}" for n in range(5)])
            done = grader(small, "nbgrader", "push", where, "--course", nb)
            assert done.exit_code == 0, done.output
            pushes += 1
            assert pushes < LONG, "autograde does not end"
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 0, (tmp_path / "autograde.log").read_text("utf-8")
    require_sound(nb)
    with gradebook(nb) as book:
        assert book.find_submission("02_quad", "zed").score == 4  # its check does nothing here, which nbgrader rewards
        assert len(book.students) == 1 + 5 * pushes


def test_a_gradebook_that_stays_locked(
    small: Course, nb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: dict[str, Any]
) -> None:
    """A sentence after the patience has ended, and nothing half done; once it is free the same command goes on."""
    monkeypatch.setattr(books, "PATIENCE", 0.1)
    where = graded(small, tmp_path / "results", LEARNERS)
    holder = sqlite3.connect(nb / "gradebook.db", isolation_level=None)
    try:
        holder.execute("begin immediate")
        done = grader(small, "nbgrader", "push", where, "--course", nb)
        assert done.exit_code == 2
        assert "another program has been writing there for 0.1 s (database is locked)" in done.output
        assert "the same command then goes on from here" in done.output
        assert "Traceback" not in done.output
        holder.execute("rollback")
    finally:
        holder.close()
    assert grader(small, "nbgrader", "push", where, "--course", nb).exit_code == 0
    assert content(nb) == alone


@pytest.mark.parametrize("place", ["in the transaction", "before the pages", "between the pages"])
def test_a_push_that_is_killed(small: Course, nb: Path, tmp_path: Path, alone: dict[str, Any], place: str) -> None:
    """Every learner is there as a whole or not at all, and the same command completes it."""
    where = graded(small, tmp_path / "results", LEARNERS)
    command = [*warm.python("nbgrader.apps"), "-c", KILLED, place, *map(str, push_arguments(small, where, nb))]
    killed = subprocess.run(
        command, env=environment(tmp_path / "home"), capture_output=True, text=True, timeout=LONG, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr
    require_sound(nb)
    left = content(nb)
    assert 0 < len(left["students"]) < len(LEARNERS)
    for who in left["students"]:
        assert sum(name.startswith(f"{who}/") for name in left) == 3
    done = grader(small, "nbgrader", "push", where, "--course", nb)
    assert done.exit_code == 0, done.output
    assert content(nb) == alone


def test_a_row_that_another_has_added(nb: Path) -> None:
    """A transaction that meets a row which is there already is done again; one that always does is an error."""
    from nbgrader.api import InvalidEntry

    tries = []
    with books.opened(books.find(nb)) as book:

        def collides_once() -> str:
            tries.append(1)
            book.add_student(f"new{min(len(tries), 2)}")
            if len(tries) == 1:
                book.add_student("new1")
            return "done"

        assert books.write(book, collides_once) == "done"
        assert [one.id for one in book.students] == ["new2"]

        def collides() -> None:
            book.add_student("new2")

        with pytest.raises(InvalidEntry):
            books.write(book, collides)
        assert [one.id for one in book.students] == ["new2"]
