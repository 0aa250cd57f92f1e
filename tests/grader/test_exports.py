"""What Canvas, Moodle, Gradescope and programs get: golden files, and readers written after the importers' rules.

The readers below are ours, after the sources that the exporters' docstrings name; no platform was asked.
EXPORTS=write rewrites the golden files: EXPORTS=write pytest tests/grader/test_exports.py; then read the difference.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import course as courses
from grader.model import (
    FAILED,
    FAULT,
    GRADED,
    NOT_GRADED,
    NOT_RUN,
    NOTHING,
    OWN,
    PASSED,
    REFERENCE,
    Grade,
    Mark,
    ModuleResult,
    Outcome,
    Person,
)
from grader.report import canvas, cells, data, gradescope, moodle

GOLDEN = Path(__file__).parent / "golden_exports"
KEYS = ("01_double/pure", "02_quad/pure")
RUN = {"course": "mini", "seed": 1, "sandbox": "jail"}


@pytest.fixture
def modules(mini: Path) -> list[courses.Module]:
    """4 points in 01_double, 4 in 02_quad."""
    return courses.load(mini).modules()


def double(second: Outcome, points: float, **more: Any) -> Mark:
    first = Outcome("test_twice", PASSED, "double(x) is 2 x.", chain=OWN, seconds=0.25)
    return Mark(4, ModuleResult("01_double", "pure", (first, second)), points, points, **more)


def quad(outcome: Outcome, points: float, **more: Any) -> Mark:
    return Mark(4, ModuleResult("02_quad", "pure", (outcome,)), points, points, **more)


RIGHT = Outcome("test_negative", PASSED, "double(-x) raises ValueError.", chain=OWN)
WRONG = Outcome(
    "test_negative", FAILED, "double(-x) raises ValueError.", "raised",
    "raised Oops: <b>\x1b[31mhey\x00", "Is a negative number refused?",
)  # fmt: skip
CARRIED = Outcome("test_four_times", PASSED, "quad(x) is 4 x.", chain=REFERENCE)
ABSENT = Outcome("test_four_times", FAILED, "quad(x) is 4 x.", "missing", "02_quad/quad.py is not in the submission")
BROKEN = Outcome("test_four_times", FAULT, "quad(x) is 4 x.", reason="the zygote did not start")
WAITING = Outcome("test_four_times", NOT_RUN, "quad(x) is 4 x.", reason="not run: no time was left")


def grade(learner: str, first: Mark, second: Mark, **more: Any) -> Grade:
    return Grade(learner, more.pop("state", GRADED), dict(zip(KEYS, (first, second), strict=True)), **more)


def class_of(people: dict[str, Person]) -> list[Grade]:
    """One of each: all right, half and late, hostile, given by hand, not graded, nothing handed in."""
    late = {"penalty": 0.75, "days_late": 1, "remarks": ("1 day late: 25% of the points are taken (0.75)",)}
    nothing = {"state": NOTHING}
    found = [
        grade("ada", double(RIGHT, 4), quad(CARRIED, 4), name="Lovelace, Ada"),
        grade("ben", replace(double(WRONG, 3), points=2.25, **late), quad(ABSENT, 0), name="Ben Bø"),
        grade(
            "=1+1", double(WRONG, 3), quad(WAITING, 0), name='=HYPERLINK("http://x")\n"q"', notes=("took double.py",)
        ),
        grade(
            "dee",
            Mark(4, points=3.5, by_hand=True, remarks=("set to 3.5 points by hand: ill",)),
            Mark(4),
            name="Dee",
            **nothing,
        ),
        grade("eve", double(RIGHT, 4), quad(BROKEN, 0), name="Points Possible", state=NOT_GRADED, why="no zygote"),
        grade("fay", Mark(4), Mark(4), name="Fay", **nothing),
    ]
    return [replace(g, person=people.get(g.learner), name=g.name if people else "") for g in found]


def from_canvas() -> dict[str, Person]:
    """The roster rows as Canvas exports them, with an assignment of ours, one excused and one score in it."""
    rows = {"ada": ("Lovelace, Ada", "101"), "ben": ("Bø, Ben", "102"), "=1+1": ("=HYPERLINK(1)", "103"),
            "dee": ("Dee", "104"), "eve": ("Points Possible", "105"), "fay": ("Fay", "106")}  # fmt: skip
    old = {"eve": "EX", "fay": "1.5"}
    return {
        learner: Person(
            number, name,
            {"Student": name, "ID": number, "SIS User ID": f"00{number}", "SIS Login ID": f"=login{number}",
             "Section": "One, and two", "Essay (7)": "9", "Mini (12)": old.get(learner, ""), "Final Score": "50"},
        )
        for learner, (name, number) in rows.items()
    }  # fmt: skip


def from_moodle() -> dict[str, Person]:
    """The rows of a grading worksheet out of 100; fay has no row in it."""
    rows = {"ada": "11", "ben": "12", "=1+1": "13", "dee": "14", "eve": "15"}
    comments = {"ben": "Points: 1 of 8 (old)", "dee": "See me", "eve": "Soon"}
    return {
        learner: Person(
            number, learner,
            {"Identifier": f"Participant {number}", "Full name": learner, "Email address": f"{number}@x.org",
             "Status": "Submitted", "Grade": "", "Maximum Grade": "100.00",
             "Grade can be changed": "Yes", "Last modified (submission)": "Monday, 2 November 2026, 9:00",
             "Online text": "<p>\n=1</p>", "Last modified (grade)": "-",
             "Feedback comments": comments.get(learner, "")},
        )
        for learner, number in rows.items()
    }  # fmt: skip


def from_school() -> dict[str, Person]:
    """A roster of one's own, with what Moodle may know people by."""
    names = {"ada": "Ada", "ben": "Ben", "=1+1": "=1", "dee": "Dee", "eve": "Eve", "fay": "Fay"}
    return {
        learner: Person(learner, name, {"username": learner, "Full name": name, "seat": "4"})
        for learner, name in names.items()
    }


# Golden files


def all_exports(modules: list[courses.Module]) -> dict[str, str]:
    plain, known = class_of({}), class_of(from_canvas())
    marked, own = class_of(from_moodle()), class_of(from_school())
    return {
        "canvas-plain-module.csv": canvas.gradebook(plain, modules, "module"),
        "canvas-roster-total.csv": canvas.gradebook(known, modules, "total", title="mini"),
        "canvas-roster-step-zeros.csv": canvas.gradebook(known, modules, "step", zeros=True),
        "moodle-worksheet.csv": moodle.worksheet(marked, modules, "total"),
        "moodle-gradebook-step.csv": moodle.worksheet(own, modules, "step"),
        "moodle-gradebook-plain.csv": moodle.worksheet(plain, modules, "total", title="mini", zeros=True),
        **{f"gradescope-{name}.json": gradescope.results(found, modules)
           for name, found in zip(("ada", "ben", "hostile", "dee", "eve", "fay"), plain, strict=True)},
        "gradescope-unreadable.json": gradescope.unreadable("double.py is there twice"),
        "class.json": "".join(data.as_json(RUN, known, modules)),
    }  # fmt: skip


def test_golden_files(modules: list[courses.Module]) -> None:
    """Every export is, byte for byte, what is on file; EXPORTS=write puts it there."""
    made = {name: text.encode("utf-8") for name, text in all_exports(modules).items()}
    if os.environ.get("EXPORTS") == "write":
        GOLDEN.mkdir(exist_ok=True)
        for name, content in made.items():
            (GOLDEN / name).write_bytes(content)
    assert {path.name for path in GOLDEN.iterdir()} == set(made)
    for name, content in made.items():
        assert content == (GOLDEN / name).read_bytes(), name


def test_encoding(modules: list[courses.Module]) -> None:
    """UTF-8 without a byte order mark, line feeds, rows of one length; JSON is ASCII."""
    for name, text in all_exports(modules).items():
        content = text.encode("utf-8")
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.endswith(b"\n")
        if name.endswith(".json"):
            assert content.isascii()
        else:
            assert len({len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)}) == 1


@pytest.mark.parametrize("export", [canvas.gradebook, moodle.worksheet])
def test_the_order_of_the_grades_does_not_matter(modules: list[courses.Module], export: Any) -> None:
    """Rows are sorted by learner."""
    grades = class_of(from_school())
    assert export(grades, modules, "total") == export(grades[::-1], modules, "total")


# Canvas


@dataclass
class Imported:
    """What Canvas would hold after the import, by Canvas's own number of the student."""

    titles: list[str]
    possible: list[float]
    scores: dict[str, list[float | None]]
    strangers: list[str]  # whom it would ask about


def canvas_import(text: str, students: dict[str, dict[str, str]]) -> Imported:
    """As lib/gradebook_importer.rb reads a file. `students`: ID -> SIS User ID, SIS Login ID, name."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = rows[0]
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    count, sis = 3, None
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        count += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        sis, count = 2, count + 2 + ("Integration ID" in header[4]) + ("Root Account" in header)
    assert "Section" in header[count - 1]
    imported = Imported(header[count:], [], {}, [])
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            assert not imported.possible, "two rows of points"
            imported.possible = [float(cell) for cell in row[count:]]
            continue
        number = row[1] if row[1] in students else None
        for column, key in ((sis, "sis"), (sis + 1 if sis else None, "login"), (0, "name")):
            if number is None and column is not None and row[column]:
                number = next((n for n, known in students.items() if known.get(key) == row[column]), None)
        if number is None:
            imported.strangers.append(row[0])
        else:
            imported.scores[number] = [canvas_number(cell) for cell in row[count:]]
    return imported


def canvas_number(cell: str) -> float | None:
    """A cell as its converter and its comparison take it."""
    if not cell or cell == "EX":
        return None
    assert re.fullmatch(r"-?[0-9.,]+%?", cell)
    *whole, last = re.split("[,.]", cell)
    return float(f"{''.join(whole)}.{last}") if whole else float(last)


CANVAS = {"101": {}, "102": {}, "103": {}, "104": {}, "105": {}, "106": {}}


def test_canvas_reads_back_the_same_numbers(modules: list[courses.Module]) -> None:
    """Each learner is found by Canvas's number, and each column holds what the grades say."""
    grades = class_of(from_canvas())
    read = canvas_import(canvas.gradebook(grades, modules, "module"), CANVAS)
    assert read.titles == list(KEYS)
    assert read.possible == [4, 4]
    assert read.strangers == []
    want = {
        "101": [4, 4],
        "102": [2.25, 0],
        "103": [3, 0],
        "104": [3.5, None],
        "105": [None, None],
        "106": [None, None],
    }
    assert read.scores == want
    total = canvas_import(canvas.gradebook(grades, modules, "total", title="mini"), CANVAS)
    assert total.titles == ["Mini (12)"]
    assert total.possible == [8]
    assert total.scores["102"] == [2.25]


def test_canvas_keeps_what_it_has_where_there_is_nothing_to_report(modules: list[courses.Module]) -> None:
    """An excuse or a score of a learner without a number is repeated: an empty cell would clear it."""
    rows = canvas.gradebook(class_of(from_canvas()), modules, "total", title="mini").splitlines()
    assert [line.rsplit(",", 1)[1] for line in rows if ",105," in line or ",106," in line] == ["EX", "1.5"]


def test_canvas_without_its_export(modules: list[courses.Module]) -> None:
    """Learners go by their ids as SIS ids, never as Canvas's own number; whom Canvas does not know it asks about."""
    text = canvas.gradebook(class_of(from_school()), modules, "total")
    school = {"7": {"sis": "ada"}, "8": {"login": "ben"}, "9": {"sis": "101"}}
    read = canvas_import(text, school)
    assert read.titles == ["Total"]
    assert read.scores == {"7": [8], "8": [2.25]}
    assert len(read.strangers) == 4
    assert {row["ID"] for row in csv.DictReader(io.StringIO(text))} == {""}


def test_an_ambiguous_title_is_not_guessed(modules: list[courses.Module]) -> None:
    """Where two assignments in Canvas have the title, ours is a new one, and Canvas asks."""
    people = {key: replace(person, cells=person.cells | {"mini (13)": ""}) for key, person in from_canvas().items()}
    assert canvas_import(canvas.gradebook(class_of(people), modules, "total", title="mini"), CANVAS).titles == ["mini"]


def test_a_learner_called_points_possible(modules: list[courses.Module]) -> None:
    """A name that Canvas would take for the row of the points changes nobody's points."""
    read = canvas_import(canvas.gradebook(class_of(from_canvas()), modules, "module"), CANVAS)
    assert "105" in read.scores


def test_first_and_last_names_apart(modules: list[courses.Module]) -> None:
    """An export with LastName and FirstName is answered with these columns, in this order."""
    cells = {"LastName": "Lovelace", "FirstName": "Ada", "ID": "101", "SIS Login ID": "ada", "Section": "1"}
    found = [grade("ada", double(RIGHT, 4), quad(CARRIED, 4), person=Person("101", "Ada Lovelace", cells))]
    lines = canvas.gradebook(found, modules, "total").splitlines()
    assert lines[0] == "LastName,FirstName,ID,SIS Login ID,Section,Total"
    assert lines[2] == "Lovelace,Ada,101,ada,1,8"


# Moodle


@dataclass
class Assignment:
    """An assignment in Moodle: its maximum, and the grades and comments by participant."""

    maximum: float
    grades: dict[str, float]
    comments: dict[str, str]

    def take(self, text: str) -> list[str]:
        """As importgradeslib.php and locallib.php read a worksheet, the dates aside. Returns who was skipped."""
        rows = moodle_rows(text)
        header = rows[0]
        assert {"Identifier", "Grade", "Last modified (grade)"} <= set(header)
        skipped = []
        for row in rows[1:]:
            cells = dict(zip(header, row, strict=True))
            participant = cells["Identifier"][len("Participant ") :]
            self.comments[participant] = cells["Feedback comments"]
            number = float(cells["Grade"]) if cells["Grade"] else None
            if number is None or not 0 <= number <= self.maximum:
                skipped.append(participant)
            else:
                self.grades[participant] = number
        return skipped


def moodle_rows(text: str) -> list[list[str]]:
    """As lib/csvlib.class.php reads: a mark removed, any line ends, equally many cells in each row."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len({len(row) for row in rows}) == 1
    return rows


def test_moodle_reads_back_the_same_grades(modules: list[courses.Module]) -> None:
    """Points out of 8 become grades out of the worksheet's 100; who has no number is skipped, and none for its size."""
    assignment = Assignment(100, {"15": 40}, {})
    skipped = assignment.take(moodle.worksheet(class_of(from_moodle()), modules, "total"))
    assert assignment.grades == {"11": 100, "12": 28.125, "13": 37.5, "14": 43.75, "15": 40}
    assert skipped == ["15"]


def test_comments_of_people_stay(modules: list[courses.Module]) -> None:
    """Only an empty comment and one of ours are replaced."""
    assignment = Assignment(100, {}, {})
    assignment.take(moodle.worksheet(class_of(from_moodle()), modules, "total"))
    assert assignment.comments["14"] == "See me"
    assert assignment.comments["15"] == "Soon"
    assert assignment.comments["12"] == "Points: 2.25 of 8 (01_double/pure 2.25 of 4, 02_quad/pure 0 of 4)"
    assert assignment.comments["11"] == "Points: 8 of 8 (01_double/pure 4 of 4, 02_quad/pure 4 of 4)"


def test_the_worksheet_keeps_what_the_importer_compares(modules: list[courses.Module]) -> None:
    """Identifier and the time of the last grade are as they were downloaded; a learner's own text is left out."""
    rows = moodle_rows(moodle.worksheet(class_of(from_moodle()), modules, "total"))
    assert "Online text" not in rows[0]
    cells = dict(zip(rows[0], rows[1], strict=True))
    assert (cells["Identifier"], cells["Last modified (grade)"]) == ("Participant 13", "-")


@pytest.mark.parametrize(("maximum", "want"), [("8.00", "2.25"), ("100,00", "28.125"), ("-", "2.25"), ("", "2.25")])
def test_the_worksheets_maximum(modules: list[courses.Module], maximum: str, want: str) -> None:
    """Points are scaled to it, read with a comma too; without one they are written as they are."""
    people = {
        key: replace(person, cells=person.cells | {"Maximum Grade": maximum}) for key, person in from_moodle().items()
    }
    rows = moodle_rows(moodle.worksheet(class_of(people), modules, "total"))
    assert dict(zip(rows[0], rows[3], strict=True))["Grade"] == want


def moodle_gradebook(text: str, users: set[str], column: str) -> dict[str, list[float | None]]:
    """As grade/import/csv reads, into new grade items: an unknown user ends it all, an empty cell is a 0."""
    rows = moodle_rows(text)
    at = rows[0].index(column)
    grades: dict[str, list[float | None]] = {}
    for row in rows[1:]:
        assert row[at] in users, f"user mapping error: {row[at]}"
        grades[row[at]] = [None if cell.strip() == "-" else float(cell or 0) for cell in row[2:]]
    return grades


def test_moodles_gradebook_reads_back_the_same_numbers(modules: list[courses.Module]) -> None:
    """One column a step; no grade is a dash, which Moodle takes for none, where it takes an empty cell for 0."""
    text = moodle.worksheet(class_of(from_school()), modules, "step")
    users = {"ada", "ben", "=1+1", "dee", "eve", "fay"}
    assert moodle_gradebook(text, users, "username") == {
        "ada": [4, 4], "ben": [2.25, 0], "=1+1": [3, 0], "dee": [3.5, None], "eve": [None, None], "fay": [None, None],
    }  # fmt: skip


def test_who_is_left_out_is_said(modules: list[courses.Module]) -> None:
    """Nobody is missing from Moodle's files in silence, and a grade that Moodle would refuse is announced."""
    marked = class_of(from_moodle())
    assert moodle.remarks(marked, modules, "total") == [
        "fay is not in the file: the roster has no row of Moodle's for this learner"
    ]
    known = [replace(g, person=None) if g.learner == "ben" else g for g in class_of(from_school())]
    assert "ben" not in moodle.worksheet(known, modules, "step")
    assert [line.split()[0] for line in moodle.remarks(known, modules, "step")] == ["ben"]
    large = [replace(modules[0], checks={"test_twice": courses.CheckSpec("test_twice", 101, "")}), modules[1]]
    assert "above 100" in moodle.remarks(class_of(from_school()), large, "total")[0]
    assert moodle.remarks(class_of({}), modules, "total") == []


# Numbers that nobody has given


@pytest.mark.parametrize("per", ["total", "step", "module"])
@pytest.mark.parametrize("zeros", [False, True])
def test_no_number_that_nobody_has_given(modules: list[courses.Module], per: str, zeros: bool) -> None:
    """Not graded is never a number; nothing handed in is 0 only where that is asked for."""
    count = 1 if per == "total" else 2
    grades = class_of(from_school())
    school = {g.learner: {"sis": g.learner} for g in grades}
    read = canvas_import(canvas.gradebook(grades, modules, per, zeros=zeros), school).scores
    listed = moodle_gradebook(moodle.worksheet(grades, modules, per, zeros=zeros), set(school), "username")
    for got in (read, listed):
        assert got["eve"] == [None] * count
        assert got["fay"] == [0 if zeros else None] * count
        assert got["dee"] == ([3.5] if count == 1 else [3.5, 0 if zeros else None])


def test_a_total_of_a_part_is_announced(modules: list[courses.Module]) -> None:
    """Whoever exports hears whose total is the sum of some modules alone, and how many; of others nothing."""
    assert cells.parts(class_of({})) == [
        "dee (nothing handed in) has numbers for 1 of 2 modules, given by hand: a total is the sum of these"
    ]


def test_an_unknown_column_choice_is_refused(modules: list[courses.Module]) -> None:
    """`per` is total, step or module."""
    with pytest.raises(KeyError, match="week"):
        canvas.gradebook(class_of({}), modules, "week")


# Gradescope


@pytest.mark.parametrize("number", range(6))
def test_gradescopes_format(modules: list[courses.Module], number: int) -> None:
    """The documented keys with the documented types and no others; printed output stays hidden."""
    found = class_of({})[number]
    results = json.loads(gradescope.results(found, modules))
    assert results.keys() <= {
        "score", "output", "tests", "visibility", "stdout_visibility", "output_format", "test_output_format",
        "test_name_format",
    }  # fmt: skip
    assert results["stdout_visibility"] == "hidden"
    assert {results[f"{part}output_format"] for part in ("", "test_")} == {results["test_name_format"]} == {"text"}
    for test in results["tests"]:
        assert test.keys() <= {"name", "score", "max_score", "status", "output", "visibility"}
        assert test.get("status", "passed") in ("passed", "failed")
        assert test["visibility"] in ("visible", "hidden")
        assert all(type(test[key]) in (int, float) for key in ("score", "max_score") if key in test)
    assert ("score" in results) == found.counts
    if found.counts:
        assert results["score"] == found.total


def test_gradescope_shows_verdict_and_hint(modules: list[courses.Module]) -> None:
    """A failed check says why and what to try; no control character of a learner's gets through."""
    text = gradescope.results(class_of({})[1], modules)
    test = json.loads(text)["tests"][1]
    assert test["output"].startswith("failed: raised Oops: <b>")
    assert test["output"].endswith("\nHint: Is a negative number refused?")
    assert "\\u001b" not in text
    assert "\\u0000" not in text
    assert "1 day late" in json.loads(text)["output"]


def test_nothing_handed_in_is_said_as_it_is(modules: list[courses.Module]) -> None:
    """Without a score, and without the sentence for those whom the machine has failed."""
    text = gradescope.results(class_of({})[5], modules)
    assert json.loads(text)["output"] == "Nothing was handed in."
    given = json.loads(gradescope.results(class_of({})[3], modules))
    assert given["output"].splitlines()[0] == "nothing handed in"
    assert [test.get("score") for test in given["tests"]] == [3.5, None]
    assert "fault" not in text


# JSON


def test_json_holds_the_whole_grade(modules: list[courses.Module]) -> None:
    """Format, run, modules and sorted learners; no total and no points where there is no number to report."""
    grades = class_of(from_canvas())
    read = json.loads("".join(data.as_json(RUN, grades[::-1], modules)))
    assert list(read) == ["format", "run", "modules", "learners"]
    assert read["format"] == 2
    assert [one["learner"] for one in read["learners"]] == ["=1+1", "ada", "ben", "dee", "eve", "fay"]
    totals = {one["learner"]: one["total"] for one in read["learners"]}
    assert totals == {"=1+1": 3, "ada": 8, "ben": 2.25, "dee": 3.5, "eve": None, "fay": None}
    points = {one["learner"]: [mark["points"] for mark in one["marks"].values()] for one in read["learners"]}
    assert (points["ben"], points["dee"], points["eve"]) == ([2.25, 0], [3.5, None], [None, None])
    ben = read["learners"][2]
    assert ben["marks"]["01_double/pure"]["penalty"] == 0.75
    assert ben["marks"]["01_double/pure"]["result"]["outcomes"][1]["reason"] == WRONG.reason
    assert ben["marks"]["02_quad/pure"]["missing"] is True
    assert ben["person"]["cells"]["ID"] == "102"


# Anything learners may be called


@given(name=st.text(max_size=30), learner=st.text(min_size=1, max_size=30), on_roster=st.booleans())
def test_any_name(name: str, learner: str, on_roster: bool) -> None:
    """Whatever a learner is called, there is one row of theirs, no cell of it that computes, and UTF-8."""
    module = courses.Module("01_double", "pure", "double", {"test_twice": courses.CheckSpec("test_twice", 4, "")})
    found = Grade(
        learner, GRADED, {module.key: Mark(4, points=3)}, name=name, person=Person("id7", name) if on_roster else None
    )
    for text in (canvas.gradebook([found], [module], "total"), moodle.worksheet([found], [module], "total")):
        text.encode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert rows[-1][-1] == "3"
        assert len(rows) == len({tuple(row) for row in rows}) <= 3
        assert not [cell for cell in rows[-1] if cell.lstrip().startswith(("=", "+", "-", "@"))]
        assert all(cell.isprintable() for cell in rows[-1])
    assert json.loads(gradescope.results(found, [module]))["score"] == 3
    assert json.loads("".join(data.as_json({}, [found], [module])))["learners"][0]["learner"] == learner
