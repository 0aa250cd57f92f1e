"""Marks into nbgrader's gradebook and back, with nbgrader's own commands to look at what is there."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import warm

pytest.importorskip("nbgrader", reason="nbgrader is not installed: no gradebook is written")
from nbgrader_course import (
    MANIFEST,
    course,
    generated,
    gradebook,
    grader,
    hand_in,
    record,
    results,
    run_nbgrader,
    write_source,
)

from grader.course import Course
from grader.errors import UserError
from grader.model import FAULT, Mark, ModuleResult, Outcome, Person
from grader.nbgrader_bridge import books, frame, given, pages, source, words
from grader.nbgrader_bridge.push import spread

IN_TIME = {"": "2026-11-20T12:00:00+01:00"}
TWO_DAYS_LATE = {"": "2026-11-20T12:00:00+01:00", "01_double": "2026-12-02T12:00:00+01:00"}
WRONG = {"01_double/pure": {"test_twice": "double() gave <b>5</b> for 2"}}
GRAPHIC = '<script>document.title = "run"</script>'


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


@pytest.fixture
def graded(small: Course, tmp_path: Path) -> Path:
    """Results of one learner of each kind: right, wrong and late, half handed in, broken, absent."""
    handed = tmp_path / "class"
    for learner in ("ada", "bob", "cyd"):
        file = handed / learner / "01_double" / "double.py"
        file.parent.mkdir(parents=True)
        file.write_text(f"# {learner}'s\n{GRAPHIC!r}\ndef double(x):\n\treturn 2 * x\n", encoding="utf-8")
    found = [
        record(small, "ada", {}),
        record(small, "bob", WRONG),
        record(small, "cyd", {"01_double/torch": "missing", "02_quad/pure": "missing"}),  # type: ignore[dict-item]  # a word for all checks
    ]
    hand_ins = [hand_in("ada", IN_TIME), hand_in("bob", TWO_DAYS_LATE), hand_in("cyd"), hand_in("dan", IN_TIME)]
    roster = [
        Person("ada", "Ada Lovelace"),
        Person("bob", "Ünal, Bob", {"Email": "bob@example.org"}),
        Person("eve", "Eve"),
    ]
    where = tmp_path / "results"
    return results(small, where, found, hand_ins, roster, {"dan": "hand-in.zip: is not a zip file"}, handed)


def pushed(small: Course, graded: Path, nb: Path, *more: str) -> str:
    done = grader(small, "nbgrader", "push", graded, "--course", nb, *more)
    assert done.exit_code == 0, done.output
    return done.output


def everything(folder: Path) -> dict[str, Any]:
    """Every row of every table and every file, to see whether anything has changed."""
    with sqlite3.connect(folder / "gradebook.db") as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: sorted(map(repr, database.execute(f"select * from {name}"))) for name in tables}
    database.close()
    files = {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.suffix != ".db"}
    return {**rows, **files}


def totals(folder: Path) -> dict[tuple[str, str], float]:
    """What counts by learner and module, as nbgrader reckons it: in its export by step, in its feedback by notebook."""
    with gradebook(folder) as book:
        return {
            (one.student.id, f"{submission.assignment.name}/{one.name}"): one.score - (one.late_submission_penalty or 0)
            for assignment in book.assignments
            for submission in book.assignment_submissions(assignment.name)
            for one in submission.notebooks
        }


def grades_csv(small: Course, graded: Path) -> dict[tuple[str, str], float]:
    """The points in grades.csv by learner and module, of everybody who has a number."""
    assert grader(small, "rescore", graded, "--quiet").exit_code in (0, 1)
    names = {module.key: f"{module.step}/{module.name}" for module in small.modules()}
    with (graded / "grades.csv").open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["total"]]
    return {(row["learner"], names[key]): float(row[key]) for row in rows for key in names}


def require_same(small: Course, graded: Path, folder: Path) -> None:
    """The gradebook and grades.csv agree for each learner and module; what is in one of them only is 0."""
    there, wanted = totals(folder), grades_csv(small, graded)
    assert {place: points for place, points in there.items() if points} == pytest.approx(
        {place: points for place, points in wanted.items() if points}, abs=1e-9
    )
    assert set(there) <= set(wanted)


def grade_of(book: Any, learner: str, check: str, module: str = "double", step: str = "01_double") -> Any:
    return book.find_grade(check, module, step, learner)


# init


def made(course: Course, folder: Path, db: str | None = None) -> list[str]:
    return frame.init(course, folder, db, lambda: write_source(course, folder / "source"))


def test_init_makes_the_assignments_with_their_due_dates(small: Course, nb: Path) -> None:
    """Due dates are kept in UTC without an offset, as nbgrader keeps them, whatever offset course.toml has."""
    with gradebook(nb) as book:
        found = {one.name: (one.duedate, one.course_id) for one in book.assignments}
    assert found == {
        "01_double": (datetime(2026, 11, 30, 22, 59), "a-small-course"),  # nbgrader's are naive
        "02_quad": (datetime(2027, 1, 1, 4, 59), "a-small-course"),
    }


def test_init_is_a_command(small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`grader nbgrader init DIR` makes a folder that nbgrader and a push take for a course."""
    monkeypatch.setattr(source, "write", lambda course, folder, seed: write_source(course, folder))
    done = grader(small, "nbgrader", "init", tmp_path / "new", "--seed", 7)
    assert done.exit_code == 0, done.output
    assert "2 assignments" in done.output
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["gradebook.db", books.CONFIG, "source"]
    listed = run_nbgrader(tmp_path / "new", "db", "assignment", "list")
    assert "01_double" in listed.stdout + listed.stderr


@pytest.mark.parametrize("there", ["file.txt", ".hidden"])
def test_init_touches_nothing_that_is_there(small: Course, tmp_path: Path, there: str) -> None:
    """A folder with anything in it is refused, and stays as it is."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / there).write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="is not empty: nothing in it is touched"):
        made(small, folder, None)
    assert [(file.name, file.read_text("utf-8")) for file in folder.iterdir()] == [(there, "mine")]


def test_init_that_fails_leaves_nothing(small: Course, tmp_path: Path) -> None:
    """Where the gradebook cannot be made, the new folder is gone again and the message has no password in it."""
    url = "postgresql://me:secret@127.0.0.1:1/none"
    with pytest.raises(UserError) as caught:
        made(small, tmp_path / "new", url)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_init_writes_the_database_down(small: Course, tmp_path: Path) -> None:
    """--db is in nbgrader_config.py, in full, readable for its owner only; the gradebook is there."""
    made(small, tmp_path / "new", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    config = tmp_path / "new" / books.CONFIG
    assert books.find(tmp_path / "new").url == f"sqlite:///{tmp_path / 'elsewhere.db'}"
    assert config.stat().st_mode & 0o077 == 0
    assert (tmp_path / "elsewhere.db").is_file()
    assert not (tmp_path / "new" / "gradebook.db").exists()


def test_a_gradebook_is_not_shared_by_two_courses(small: Course, tmp_path: Path) -> None:
    """nbgrader's assignments are unique in a gradebook: another course's are not taken over."""
    url = f"sqlite:///{tmp_path / 'one.db'}"
    made(small, tmp_path / "first", url)
    other = course(tmp_path / "other", MANIFEST.replace("A small course", "Another"))
    with pytest.raises(UserError, match="has an assignment 01_double of the course 'a-small-course' already"):
        made(other, tmp_path / "second", url)


# push


def test_marks_are_those_of_grades_csv(small: Course, graded: Path, nb: Path) -> None:
    """For each learner and module the gradebook counts what grades.csv does, after late penalties."""
    pushed(small, graded, nb)
    require_same(small, graded, nb)
    there = totals(nb)
    assert there["ada", "01_double/double"] == 4.75
    assert there["bob", "01_double/double"] == pytest.approx(1.75 * 0.8)  # two days late
    with gradebook(nb) as book:
        bob = book.find_submission_notebook("double", "01_double", "bob")
        assert bob.late_submission_penalty == pytest.approx(0.35)
        assert book.find_submission_notebook("double", "01_double", "ada").late_submission_penalty is None
        assert {one.name: one.auto_score for one in bob.grades} == {
            "test_twice": 0, "test_negative": 1.5, "test_zero": 0.25, "public_test_by_hand": 0, "checks": 0,
        }  # fmt: skip
        assert not any(one.needs_manual_grade for student in book.students for one in student.submissions)


def test_the_submission_says_when_and_who(small: Course, graded: Path, nb: Path) -> None:
    """Times are UTC without an offset; names and addresses are the roster's; an unknown time is no time."""
    pushed(small, graded, nb)
    with gradebook(nb) as book:
        bob = book.find_submission("01_double", "bob")
        assert bob.timestamp == datetime(2026, 12, 2, 11)
        assert bob.total_seconds_late == timedelta(days=1, hours=12, minutes=1).total_seconds()
        assert (bob.student.first_name, bob.student.last_name, bob.student.email) == ("Bob", "Ünal", "bob@example.org")
        ada = book.find_student("ada")
        assert (ada.first_name, ada.last_name) == ("Ada", "Lovelace")
        assert book.find_submission("01_double", "cyd").timestamp is None


def test_who_has_no_number_gets_none(small: Course, graded: Path, nb: Path) -> None:
    """A hand-in that cannot be read, and somebody who handed in nothing, are named and not in the gradebook."""
    said = pushed(small, graded, nb)
    assert "no number for dan: hand-in.zip: is not a zip file" in said
    assert "no number for eve: nothing handed in" in said
    with gradebook(nb) as book:
        assert {one.id for one in book.students} == {"ada", "bob", "cyd"}


def test_a_step_that_was_not_handed_in_is_no_submission(small: Course, graded: Path, nb: Path) -> None:
    """As with nbgrader itself: no submission of the step; a track that is missing beside another has 0 points."""
    pushed(small, graded, nb)
    with gradebook(nb) as book:
        assert [one.assignment.name for one in book.student_submissions("cyd")] == ["01_double"]
        torch = book.find_submission_notebook("double_torch", "01_double", "cyd")
        assert {(one.auto_score, one.needs_manual_grade) for one in torch.grades} == {(0, False)}


def test_a_module_by_hand_of_somebody_not_graded(small: Course, graded: Path, nb: Path) -> None:
    """Where somebody gave points for one module of a learner who is not graded, that one is pushed and nothing else."""
    override(graded, '[[override]]\nlearner = "dan"\nmodule = "01_double/pure"\npoints = 3\nreason = "oral"\n')
    pushed(small, graded, nb)
    with gradebook(nb) as book:
        assert [one.assignment.name for one in book.student_submissions("dan")] == ["01_double"]
        torch = book.find_submission_notebook("double_torch", "01_double", "dan")
        assert {(one.auto_score, one.needs_manual_grade) for one in torch.grades} == {(None, True)}
        assert book.find_submission_notebook("double", "01_double", "dan").score == 3
    there = [file.name for file in (nb / "autograded" / "dan" / "01_double").iterdir()]
    assert sorted(there) == ["double.ipynb", "figure.svg"]


def test_scores_of_an_earlier_push_are_told(small: Course, graded: Path, nb: Path) -> None:
    """Who had a number and has none now keeps the scores in the gradebook, and is named; the exit code says so."""
    pushed(small, graded, nb)
    failed = ModuleResult("01_double", "pure", (Outcome("test_twice", FAULT, "x", reason="no memory"),))
    found = record(small, "ada", {})
    results(small, graded, [type(found)("ada", (failed, *found.modules[1:]), 7, {}, {})], [hand_in("ada", IN_TIME)])
    before = everything(nb)
    done = grader(small, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 1
    assert "ada has no number now, and scores of an earlier push" in done.output
    assert everything(nb) == before


def test_a_second_push_changes_nothing(small: Course, graded: Path, nb: Path) -> None:
    """Not a row and not a file; with the hand-ins gone neither."""
    pushed(small, graded, nb)
    before = everything(nb)
    assert "0 of them had other ones" in pushed(small, graded, nb)
    assert everything(nb) == before
    shutil.rmtree(graded.parent / "class")
    assert "not shown in formgrader" in pushed(small, graded, nb)
    assert everything(nb) == before


def test_a_push_of_one_assignment_leaves_the_others(small: Course, graded: Path, nb: Path) -> None:
    """--assignment writes that step only; an unknown one is refused."""
    pushed(small, graded, nb, "--assignment", "02_quad")
    assert {place for _, place in totals(nb)} == {"02_quad/quad"}
    done = grader(small, "nbgrader", "push", graded, "--course", nb, "--assignment", "03_none")
    assert done.exit_code == 2
    assert "has no 03_none" in done.output


def test_a_failed_check_is_commented(small: Course, graded: Path, nb: Path) -> None:
    """The comment on the learner's cell has lateness, and each failed check's sentence, reason and hint."""
    pushed(small, graded, nb)
    with gradebook(nb) as book:
        said = book.find_comment("module", "double", "01_double", "bob").comment
        right = book.find_comment("module", "quad", "02_quad", "ada").comment
    for words_of_it in ("2 days late", "2 of 3 checks passed", "test_twice: It is what", "gave <b>5</b>", "Hint: Look"):
        assert words_of_it in said
    assert all(line.startswith("    ") for line in said.split("\n") if line)
    assert right == "    1 of 1 checks passed."


def test_pages_hold_the_code_and_the_verdicts(small: Course, graded: Path, nb: Path) -> None:
    """autograded/ has the notebooks as they were released, with the learner's code, and verdicts as plain text."""
    pushed(small, graded, nb)
    page = json.loads((nb / "autograded" / "bob" / "01_double" / "double.ipynb").read_text("utf-8"))
    cells = {one["metadata"]["nbgrader"]["grade_id"]: one for one in page["cells"]}
    assert cells["module"]["source"].startswith("%%module double.py\n# bob's\n")
    assert "\treturn 2 * x" in cells["module"]["source"]
    [output] = cells["test_twice"]["outputs"]
    assert output["output_type"] == "stream"
    assert output["text"].startswith("failed, 0 of 3 points: It is what the lesson says.\n")
    assert "gave <b>5</b> for 2" in output["text"]
    assert cells["test_negative"]["outputs"][0]["text"].startswith("passed, 1.5 of 1.5 points: It is")
    missing = (nb / "autograded" / "cyd" / "01_double" / "double_torch.ipynb").read_text("utf-8")
    assert pages.NOT_HANDED_IN in missing
    assert '"text"' not in missing


def test_what_nbgrader_collected_is_not_touched(small: Course, graded: Path, nb: Path) -> None:
    """submitted/ gets what nbgrader would have collected, with the time; where somebody has put files, it stays."""
    theirs = nb / "submitted" / "bob" / "01_double"
    theirs.mkdir(parents=True)
    (theirs / "double.ipynb").write_text("{}", encoding="utf-8")
    pushed(small, graded, nb)
    assert [(file.name, file.read_text("utf-8")) for file in theirs.iterdir()] == [("double.ipynb", "{}")]
    ours = nb / "submitted" / "ada" / "01_double"
    assert (ours / "timestamp.txt").read_text("utf-8") == "2026-11-20 11:00:00.000000 UTC\n"
    assert "# ada's" in (ours / "double.ipynb").read_text("utf-8")
    later = [hand_in("ada", {"": "2026-11-25T12:00:00+01:00"}), hand_in("bob", TWO_DAYS_LATE)]
    results(small, graded, [], later, submissions=graded.parent / "class")
    pushed(small, graded, nb)
    assert (ours / "timestamp.txt").read_text("utf-8") == "2026-11-25 11:00:00.000000 UTC\n"
    (ours / "timestamp.txt").write_text("2026-11-26 11:00:00 UTC\n", encoding="utf-8")  # by somebody
    pushed(small, graded, nb)
    assert (ours / "timestamp.txt").read_text("utf-8") == "2026-11-26 11:00:00 UTC\n"


def test_formgraders_own_api_has_the_scores(small: Course, graded: Path, nb: Path) -> None:
    """What formgrader asks for its pages: submissions are graded, with their scores, and none needs a person."""
    pushed(small, graded, nb)
    code = (
        "import json\nfrom nbgrader.apps.api import NbGraderAPI\nfrom nbgrader.coursedir import CourseDirectory\n"
        f"api = NbGraderAPI(CourseDirectory(root={str(nb)!r}))\n"
        "print(json.dumps([api.get_submission('01_double', who) for who in ('ada', 'bob', 'cyd')]))"
    )
    asking = [*warm.python("nbgrader.apps"), "-c", code]
    run = subprocess.run(asking, capture_output=True, text=True, timeout=100, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout.splitlines()[-1])
    assert [(one["autograded"], one["score"], one["needs_manual_grade"]) for one in found] == [
        (True, 6.75, False), (True, 3.75, False), (True, 4.75, False),
    ]  # fmt: skip


def test_nbgrader_exports_and_gives_feedback(small: Course, graded: Path, nb: Path) -> None:
    """`nbgrader export` and `nbgrader generate_feedback` take what was pushed; learner text is text in the page."""
    pushed(small, graded, nb)
    exported = run_nbgrader(nb, "export", "--to", "out.csv")
    assert exported.returncode == 0, exported.stderr
    with (nb / "out.csv").open(encoding="utf-8", newline="") as opened:
        rows = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(opened)}
    bob = rows["bob", "01_double"]
    assert float(bob["score"]) == pytest.approx(1.75 * 0.8 + 2 * 0.8)
    assert float(bob["late_submission_penalty"]) == pytest.approx(0.75)
    feedback = run_nbgrader(nb, "generate_feedback", "01_double")
    assert feedback.returncode == 0, feedback.stderr
    page = (nb / "feedback" / "bob" / "01_double" / "double.html").read_text("utf-8")
    assert "(Score: 1.4 / 4.75)" in page
    assert "Late submission penalty (Score: -0.35)" in page
    assert "gave &lt;b&gt;5&lt;/b&gt; for 2" in page
    assert "gave <b>5</b>" not in page
    assert GRAPHIC not in page


# what people decide


def override(graded: Path, text: str) -> None:
    (graded / "overrides.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("points", [0, 1.3, 4.75])
def test_points_for_a_module_by_hand(small: Course, graded: Path, nb: Path, points: float) -> None:
    """An override of a whole module counts in the gradebook as in grades.csv, without a penalty, and says why."""
    override(graded, f'[[override]]\nlearner = "bob"\nmodule = "01_double/pure"\npoints = {points}\nreason = "oral"\n')
    pushed(small, graded, nb)
    require_same(small, graded, nb)
    with gradebook(nb) as book:
        notebook = book.find_submission_notebook("double", "01_double", "bob")
        assert notebook.late_submission_penalty is None
        assert notebook.score == pytest.approx(points)
        assert "by hand: oral" in book.find_comment("module", "double", "01_double", "bob").comment


def test_points_for_a_check_by_hand(small: Course, graded: Path, nb: Path) -> None:
    """An override of a check is that cell's score, and the penalty is taken from it."""
    text = '[[override]]\nlearner = "bob"\nmodule = "01_double/pure"\ncheck = "test_twice"\npoints = 2\nreason = "oral"'
    override(graded, text)
    pushed(small, graded, nb)
    require_same(small, graded, nb)
    assert totals(nb)["bob", "01_double/double"] == pytest.approx(3.75 * 0.8)


def test_an_extension_is_nbgraders_too(small: Course, graded: Path, nb: Path) -> None:
    """A later deadline in overrides.toml takes the penalty away and is the submission's extension."""
    override(graded, '[[extension]]\nlearner = "bob"\nuntil = 2026-12-03T23:59:00+01:00\nreason = "ill"\n')
    pushed(small, graded, nb)
    require_same(small, graded, nb)
    with gradebook(nb) as book:
        bob = book.find_submission("01_double", "bob")
        assert (bob.extension, bob.total_seconds_late, bob.late_submission_penalty) == (timedelta(days=3), 0, 0)


def set_by_hand(nb: Path, learner: str, check: str, score: float | None, extra: float | None = None) -> None:
    """As formgrader's page does it (server_extensions/formgrader/apihandlers.py, GradeHandler.put)."""
    with gradebook(nb) as book:
        one = grade_of(book, learner, check)
        one.manual_score, one.extra_credit, one.needs_manual_grade = score, extra, False
        book.db.commit()


def say_by_hand(nb: Path, learner: str, text: str | None) -> None:
    with gradebook(nb) as book:
        book.find_comment("module", "double", "01_double", learner).manual_comment = text
        book.db.commit()


def test_scores_set_in_formgrader_survive_a_push(small: Course, graded: Path, nb: Path) -> None:
    """Scores, extra credit and comments by a person stay; the penalty is a share of what counts now."""
    pushed(small, graded, nb)
    set_by_hand(nb, "bob", "test_twice", 2.5, 0.5)
    say_by_hand(nb, "bob", "Well explained")
    assert "1 score was set in formgrader, and stays: `grader nbgrader pull` fetches it" in pushed(small, graded, nb)
    with gradebook(nb) as book:
        one = grade_of(book, "bob", "test_twice")
        assert (one.auto_score, one.manual_score, one.extra_credit) == (0, 2.5, 0.5)
        assert book.find_comment("module", "double", "01_double", "bob").comment == "Well explained"
    assert totals(nb)["bob", "01_double/double"] == pytest.approx(4.75 * 0.8)


def test_pull_makes_overrides_of_them(small: Course, graded: Path, nb: Path) -> None:
    """A pull, and grades.csv counts what the gradebook counts; the reason is the grader's comment. Nothing doubles."""
    pushed(small, graded, nb)
    set_by_hand(nb, "bob", "test_twice", 2.5, 0.5)
    set_by_hand(nb, "ada", "test_negative", 0)
    set_by_hand(nb, "ada", "public_test_by_hand", None, 0.25)
    say_by_hand(nb, "bob", 'Well, "said"\non the board')
    for _ in range(2):
        pulled = grader(small, "nbgrader", "pull", graded, "--course", nb)
        assert pulled.exit_code == 0, pulled.output
        pushed(small, graded, nb)
        require_same(small, graded, nb)
    assert (graded / "overrides-nbgrader.csv").read_text("utf-8").splitlines() == [
        "learner,module,check,points,reason",
        'ada,01_double/pure,test_twice,3.25,"set in formgrader, 0.25 of it extra credit"',
        "ada,01_double/pure,test_negative,0.0,set in formgrader",
        'bob,01_double/pure,test_twice,3.0,"set in formgrader, 0.5 of it extra credit: Well, ""said"" on the board"',
    ]
    assert totals(nb)["bob", "01_double/double"] == pytest.approx(4.75 * 0.8)
    assert totals(nb)["ada", "01_double/double"] == pytest.approx(3.5)
    page = next(file for file in (graded / "learners").iterdir() if file.name == "bob.md").read_text("utf-8")
    assert "set in formgrader" in page
    with gradebook(nb) as book:
        assert grade_of(book, "bob", "test_twice").auto_score == 0  # what came from there does not go back


def test_what_is_taken_back_in_formgrader_is_taken_back(small: Course, graded: Path, nb: Path) -> None:
    """A score that a person clears again is no override after the next pull."""
    pushed(small, graded, nb)
    set_by_hand(nb, "bob", "test_twice", 2)
    pulled = grader(small, "nbgrader", "pull", graded, "--course", nb)
    assert "overrides-nbgrader.csv: 1 score that was set in formgrader" in pulled.output
    set_by_hand(nb, "bob", "test_twice", None, 0)
    grader(small, "nbgrader", "pull", graded, "--course", nb)
    pushed(small, graded, nb)
    assert (graded / "overrides-nbgrader.csv").read_text("utf-8") == ",".join(given.COLUMNS) + "\n"
    require_same(small, graded, nb)
    assert totals(nb)["bob", "01_double/double"] == pytest.approx(1.4)


def test_a_module_by_hand_beats_a_cell_by_hand(small: Course, graded: Path, nb: Path) -> None:
    """Where overrides.toml gives points for a module and somebody a score in formgrader, both places agree."""
    override(graded, '[[override]]\nlearner = "bob"\nmodule = "01_double/pure"\npoints = 3\nreason = "oral"\n')
    pushed(small, graded, nb)
    set_by_hand(nb, "bob", "test_twice", 0)
    grader(small, "nbgrader", "pull", graded, "--course", nb)
    pushed(small, graded, nb)
    require_same(small, graded, nb)


def test_pull_says_what_it_leaves(small: Course, graded: Path, nb: Path) -> None:
    """A comment without a score, and scores of somebody who is not in these results, are named."""
    pushed(small, graded, nb)
    say_by_hand(nb, "ada", "Nice")
    set_by_hand(nb, "bob", "test_twice", 2)
    results(small, graded, [], [hand_in("ada", IN_TIME)])
    pulled = grader(small, "nbgrader", "pull", graded, "--course", nb)
    assert "1 comment stands by itself, without a score: it stays where it is" in pulled.output
    assert "not fetched: bob is not in these results" in pulled.output
    assert "0 scores" in pulled.output


def test_an_impossible_score_is_refused(small: Course, graded: Path, nb: Path) -> None:
    """A score below 0, which formgrader's page does not let anybody type, is named with its place."""
    pushed(small, graded, nb)
    set_by_hand(nb, "bob", "test_twice", -1)
    pulled = grader(small, "nbgrader", "pull", graded, "--course", nb)
    assert pulled.exit_code == 2
    assert "bob, 01_double, double, test_twice: has a score of -1" in pulled.output


def test_spread_points_add_up(small: Course) -> None:
    """Points for a module are spread over its checks to the last digit, also where its checks are worth nothing."""
    module = small.modules()[0]
    for total in (0, 0.333333, 4.75, 100):
        found = spread(total, module)
        assert sum(found.values()) == pytest.approx(total, abs=1e-9)
        assert all(one >= 0 for one in found.values())
    worthless = type(module)("01_x", "pure", "x", {n: type(c)(n, 0, "") for n, c in module.checks.items()})
    assert sum(spread(2, worthless).values()) == 2


# what does not fit


def test_an_assignment_that_was_not_generated(small: Course, graded: Path, tmp_path: Path) -> None:
    """The command that generates it is named; nothing is written."""
    made(small, tmp_path / "new", None)
    done = grader(small, "nbgrader", "push", graded, "--course", tmp_path / "new")
    assert done.exit_code == 2
    assert f"cd {tmp_path / 'new'} && nbgrader generate_assignment 01_double" in done.output
    assert not (tmp_path / "new" / "autograded").exists()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("test_twice = { points = 5,", "test_twice with 3 points in place of 5"),
        ('test_more = { points = 1, hint = "" }\ntest_twice = { points = 3,', "no cell test_more"),
        ("test_thrice = { points = 3,", "a cell test_twice that is no check"),
    ],
)
def test_cells_that_are_not_the_courses(tmp_path: Path, graded: Path, nb: Path, now: str, said: str) -> None:
    """Points or checks that changed since the notebooks were made are named, and nothing is written."""
    changed = course(tmp_path / "course", MANIFEST.replace("test_twice = { points = 3,", now, 1))
    before = everything(nb)
    done = grader(changed, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 2
    assert said in done.output
    assert "nbgrader generate_assignment 01_double --force" in done.output
    assert everything(nb) == before


def test_a_release_that_is_gone(small: Course, graded: Path, nb: Path) -> None:
    """Without the notebooks as released there are no pages: the command that makes them is named."""
    (nb / "release" / "02_quad" / "quad.ipynb").unlink()
    done = grader(small, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 2
    assert "generate_assignment 02_quad --force" in done.output


def test_folders_and_files_that_are_none(small: Course, graded: Path, nb: Path, tmp_path: Path) -> None:
    """No course, no gradebook, one that is no database, an empty one, no URL: a sentence each, nothing is made."""

    def said(*more: object) -> str:
        done = grader(small, "nbgrader", "push", graded, "--course", *more)
        assert done.exit_code == 2, done.output
        return done.output

    assert "is not an nbgrader course" in said(tmp_path / "course")
    assert "is not the URL of a database" in said(nb, "--db", "gradebook.db")
    absent = tmp_path / "absent.db"
    assert "there is no gradebook" in said(nb, "--db", f"sqlite:///{absent}")
    assert not absent.exists()
    (tmp_path / "text.db").write_text("no database " * 100, encoding="utf-8")
    assert "cannot be used as a gradebook: file is not a database" in said(nb, "--db", f"sqlite:///{tmp_path}/text.db")
    sqlite3.connect(tmp_path / "empty.db").close()
    assert "there is no gradebook" in said(nb, "--db", f"sqlite:///{tmp_path}/empty.db")
    (nb / books.CONFIG).write_text("c.CourseDirectory.course_id = 1 / 0\n", encoding="utf-8")
    assert "fails: ZeroDivisionError" in said(nb)


def test_a_gradebook_of_an_old_nbgrader(small: Course, graded: Path, nb: Path) -> None:
    """The command that upgrades it is named."""
    with sqlite3.connect(nb / "gradebook.db") as database:
        database.execute("alter table grade drop column extra_credit")
    database.close()
    done = grader(small, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 2
    assert "nbgrader db upgrade" in done.output


def test_nbgrader_is_optional(small: Course, graded: Path, nb: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not installed, the commands say how to install it."""
    for name in [name for name in sys.modules if name.split(".")[0] == "nbgrader"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    done = grader(small, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 2
    assert "pip install -e '.[nbgrader]'" in done.output


# words


@pytest.mark.parametrize(
    "learner",
    ["", ".", "..", "../up", "a/b", "a\\b", "*", "a?", "[a]", "<b>", 'a"b', "a&b", "a,b", " a", "a ", "a\n", "a\0",
     "{x}", "-x", "\u202ea", "a" * 129, "a#b", "a%2e", "a."],
)  # fmt: skip
def test_ids_that_are_not_used(learner: str) -> None:
    """What would leave its folder, match others, break a page's address or be HTML in it is no student's id."""
    assert not words.usable(learner)


@pytest.mark.parametrize("learner", ["ada", "s0001", "ada@example.org", "Ada Lovelace", "Ünal_7", "7", "O'Brien (2)"])
def test_ids_that_are_used(learner: str) -> None:
    """What rosters and folders have as ids."""
    assert words.usable(learner)


def test_an_id_that_cannot_be_is_named(small: Course, nb: Path, tmp_path: Path) -> None:
    """Such a learner is not pushed, is named, and the exit code says so; the others are pushed."""
    evil = "<img src=x>"
    found = [record(small, "ada", {}), record(small, evil, {})]
    graded = results(small, tmp_path / "evil", found, [hand_in("ada"), hand_in(evil)])
    done = grader(small, "nbgrader", "push", graded, "--course", nb)
    assert done.exit_code == 1
    assert f"not pushed: {evil!r}" in done.output
    with gradebook(nb) as book:
        assert [one.id for one in book.students] == ["ada"]


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (Person("1", "Ada Lovelace"), {"first_name": "Ada", "last_name": "Lovelace"}),
        (Person("1", "King, Ada"), {"first_name": "Ada", "last_name": "King"}),
        (Person("1", "Ada"), {"last_name": "Ada"}),
        (Person("1", "", {"First name": "Ada", "Last name": "King", "Email address": "a@b"}),
         {"first_name": "Ada", "last_name": "King", "email": "a@b"}),
        (Person("1", "<b>x</b> =1+1"), {"first_name": "‹b›x‹/b›", "last_name": "1+1"}),  # noqa: RUF001  # see words.py
        (None, {}),
    ],
)  # fmt: skip
def test_names_of_a_roster(who: Person | None, found: dict[str, str]) -> None:
    """First and last name as formgrader sorts by them; no HTML, no formula, no comma for nbgrader's export."""
    assert words.person(who) == found


HOSTILE = (
    "<script>alert(1)</script> $$x$$ $$<img src=x onerror=alert(2)>$$ \\begin{a}<b>\\end{a} ```\n</code></pre>\n"
    "    - one\n\n\n# heading\n[a](javascript:alert(3)) \\\\[<i>\\\\] \x1b[31m \x00 \u202e \u2028 <u>\r<s>"
)


@pytest.mark.parametrize("text", [HOSTILE, f"\n{HOSTILE}", f"\t{HOSTILE}", "$$\n\n$$<b>", "$$ <b>" * 300])
def test_a_comment_is_a_block_of_code(text: str) -> None:
    """nbgrader's feedback takes comments for Markdown, in which HTML is HTML: none of a learner's text becomes any."""
    from nbconvert.filters import markdown2html
    from nbconvert.filters.markdown import markdown2html_mistune

    assert "<img" in markdown2html_mistune("a $$ <img> $$ <img>")  # control: elsewhere it would
    page = str(markdown2html(words.block(text)))
    assert page.startswith("<pre><code>")
    assert page.count("<") == page.count(">") == 4, page


def test_a_module_without_a_record_has_words() -> None:
    """A mark that somebody gave for nothing says so."""
    from grader.model import Grade

    mark = Mark(3, None, 0, 2, remarks=("set to 2 points by hand: oral",))
    assert words.comment(mark, Grade("ada", "graded", {"01_double/pure": mark})) == (
        "    set to 2 points by hand: oral\n\n    Not handed in."
    )
