"""The two CSV files that Moodle imports: an assignment's grading worksheet, and grades for the gradebook. Pure.

The worksheet (moodle/moodle, mod/assign/feedback/offline/importgradeslib.php and locallib.php). It is downloaded from
the assignment, serves as the roster, and is filled here. Its importer

- needs the columns Identifier, Grade and "Last modified (grade)", found by these names in the language of whoever
  imports: download and import in English;
- takes a learner's number from Identifier ("Participant 1234"), so a learner who has no row cannot be added;
- skips, without a word, a row with an empty grade, one above the assignment's maximum, and one that has been graded in
  Moodle since the worksheet was downloaded: its "Last modified (grade)" is then more than a minute older than
  Moodle's (there is a box to tick for importing it all the same). So that cell is written as it was downloaded;
- replaces the feedback comment by the cell's, also by an empty one. So comments of people are written as they were.

Since a grade above the maximum would be lost, points are scaled to the worksheet's Maximum Grade; the comment says the
points themselves.

The gradebook's import (grade/import/csv/classes/load_data.php) lets one say which column identifies (ID number,
username, email address) and which is which grade. It

- ends the whole import at the first learner whom it does not find, so learners who are not on the roster are left out;
- takes "-" for no grade. An empty cell becomes 0 in a new grade item (lib/dml: an empty text in a numeric column is
  stored as 0), so a learner without a number to report gets "-", as in Moodle's own export;
- refuses a grade above 100 unless the site allows unlimited grades: export by step where a course has more points.

Both are read as UTF-8, with or without a byte order mark (lib/csvlib.class.php removes one), lines ending in any way;
all rows need the same number of cells. A decimal point is read right in all languages (unformat_float), a comma is not.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.course import Module
from grader.model import Grade
from grader.report.cells import Column, columns, earned, inert, sorted_grades, table
from grader.scoring import points

IDENTIFIER, GRADE, COMMENTS, MAXIMUM = "Identifier", "Grade", "Feedback comments", "Maximum Grade"
NEEDED = {IDENTIFIER, GRADE, "Last modified (grade)"}
# What is written of a worksheet. Other columns (an online text, say) are the learner's, and the importer ignores them.
WORKSHEET = (
    IDENTIFIER, "Full name", "Email address", "Status", GRADE, MAXIMUM, "Grade can be changed",
    "Last modified (submission)", "Last modified (grade)", COMMENTS,
)  # fmt: skip
OURS = "Points: "  # how a comment of ours begins: the next export replaces it, and no other
IDS = ("id number", "idnumber", "username", "email address", "email")
NAMES = ("full name", "first name", "last name", "surname")
PLAIN = ["Full name", "ID number"]  # without a roster to go by
NO_GRADE = "-"
HIGHEST = 100  # of one grade in the gradebook's import


def worksheet(grades: list[Grade], modules: list[Module], per: str, title: str = "Total", zeros: bool = False) -> str:
    """The filled grading worksheet, where the roster is one and `per` is "total"; else a CSV file for the gradebook.

    The latter has one column for `per` "total" (called `title`), "step" or "module". `zeros` gives 0 to those who
    handed in nothing. What is left out, `remarks` says.
    """
    wanted = columns(modules, per, title)
    if _is_worksheet(grades, per):
        return _filled(_written(grades, per), wanted[0], zeros)
    return _gradebook(_written(grades, per), wanted, zeros)


def remarks(grades: list[Grade], modules: list[Module], per: str) -> list[str]:
    """What whoever exports has to know: who is not in the file, and what Moodle will refuse."""
    written = {grade.learner for grade in _written(grades, per)}
    found = [
        f"{grade.learner} is not in the file: the roster has no row of Moodle's for this learner"
        for grade in sorted_grades(grades)
        if grade.learner not in written
    ]
    high = [column.title for column in columns(modules, per, "the total") if column.possible > HIGHEST]
    if high and not _is_worksheet(grades, per):
        found.append(
            f"Moodle refuses grades above {HIGHEST} unless its site allows unlimited grades: {', '.join(high)} may be; "
            "export by step or by module"
        )
    return found


def _is_worksheet(grades: list[Grade], per: str) -> bool:
    return per == "total" and any(_row(grade).keys() >= NEEDED for grade in grades)


def _row(grade: Grade) -> Mapping[str, str]:
    return grade.person.cells if grade.person is not None else {}


def _written(grades: list[Grade], per: str) -> list[Grade]:
    """The learners who can be in the file, sorted."""
    if _is_worksheet(grades, per):
        return [grade for grade in sorted_grades(grades) if _row(grade).keys() >= NEEDED]
    has_roster = any(grade.person is not None for grade in grades)
    return [grade for grade in sorted_grades(grades) if grade.person is not None or not has_roster]


def _filled(grades: list[Grade], column: Column, zeros: bool) -> str:
    names = [name for name in WORKSHEET if name in _row(grades[0])]
    return table([names, *([_worksheet_cell(grade, name, column, zeros) for name in names] for grade in grades)])


def _worksheet_cell(grade: Grade, name: str, column: Column, zeros: bool) -> str:
    cells, number = _row(grade), earned(grade, column, zeros)
    if name == GRADE:
        return "" if number is None else _scaled(number, cells, column)
    if name == COMMENTS and number is not None and (not cells.get(name) or cells[name].startswith(OURS)):
        return _comment(grade, number, column)
    return inert(cells.get(name, "")) if name == "Full name" else cells.get(name, "")


def _scaled(number: float, cells: Mapping[str, str], column: Column) -> str:
    """Points as a grade of this worksheet, in the five decimals that Moodle keeps; as they are if it has no maximum."""
    try:
        maximum = float(cells.get(MAXIMUM, "").replace(",", "."))
    except ValueError:
        return points(number)
    if not (0 < maximum < float("inf") and column.possible):
        return points(number)
    return f"{number * maximum / column.possible:.5f}".rstrip("0").rstrip(".")


def _comment(grade: Grade, number: float, column: Column) -> str:
    numbers = {key: grade.number(key) for key in grade.marks}
    each = [
        f"{key} {grade.state if number is None else f'{points(number)} of {points(grade.marks[key].possible)}'}"
        for key, number in numbers.items()
    ]
    return f"{OURS}{points(number)} of {points(column.possible)} ({', '.join(each)})"


def _gradebook(grades: list[Grade], wanted: list[Column], zeros: bool) -> str:
    about = next((found for grade in grades if (found := _identifying(grade))), PLAIN)
    rows = [
        [
            *(_about_cell(grade, name) for name in about),
            *(NO_GRADE if (n := earned(grade, column, zeros)) is None else points(n) for column in wanted),
        ]
        for grade in grades
    ]
    return table([[*about, *(column.title for column in wanted)], *rows])


def _identifying(grade: Grade) -> list[str]:
    """The roster's columns that Moodle can know a learner by, and the names; none if there are only names."""
    known = [name for name in _row(grade) if name.strip().casefold() in (*IDS, *NAMES)]
    return known if any(name.strip().casefold() in IDS for name in known) else []


def _about_cell(grade: Grade, name: str) -> str:
    cells = _row(grade)
    is_name = name.strip().casefold() in NAMES
    if name in cells:
        return inert(cells[name]) if is_name else cells[name]
    if is_name:
        return inert(grade.name)
    return grade.person.id if grade.person is not None else inert(grade.learner)
