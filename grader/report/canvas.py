"""The CSV file that Canvas's gradebook imports (Grades > Import). Pure.

What the importer does (instructure/canvas-lms, lib/gradebook_importer.rb; its exporter beside it):

- The file begins with Student and ID (or LastName, FirstName, ID), then may come SIS User ID, SIS Login ID,
  Integration ID and Root Account, and Section has to be the last before the assignments.
- A row's learner is found by ID, Canvas's own number; else by SIS User ID, SIS Login ID, then by name. Whom it does not
  find, Canvas asks about before anything is changed.
- A column is an assignment by the number in its title, "Step 1 (1234)", else by the title; an unknown one is offered
  as a new assignment. So the title is taken from the roster where that is Canvas's own export.
- The row whose first cell holds "Points Possible" is no learner. We write it as the exporter does, below the header.
- Numbers may have a decimal point or comma; differences below two decimals do not count. We write points.
- An empty cell where Canvas has a score counts as a change (no_change_to_value?), so the score would go. Where there is
  no number to report, the cell therefore repeats what the roster's export has (a score, EX for excused), which is no
  change. It is empty where that is empty, and where the roster is no export of Canvas's.
- The file is read as UTF-8 and a byte order mark is not removed, so there is none. Line feeds end the lines.
"""

from __future__ import annotations

import re

from grader.course import Module
from grader.model import Grade
from grader.report.cells import Column, columns, earned, inert, sorted_grades, table
from grader.scoring import points

# All columns that may stand before the assignments, in the exporter's order.
ABOUT = (
    "LastName", "FirstName", "Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account",
    "Section",
)  # fmt: skip
NAMES = ("LastName", "FirstName", "Student")
PLAIN = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")  # without an export to go by
SIS = ("SIS User ID", "SIS Login ID")
NUMBER = re.compile(r"\s*\(\d+\)$")  # which Canvas puts behind an assignment's title
POSSIBLE = "    Points Possible"  # with the spaces that the exporter writes


def gradebook(grades: list[Grade], modules: list[Module], per: str, title: str = "Total", zeros: bool = False) -> str:
    """One row a learner, one column for `per` "total" (called `title`), "step" or "module".

    Learners without a number to report: see above; `zeros` gives 0 to those who handed in nothing.
    """
    about = _about(grades)
    wanted = columns(modules, per, title)
    titles = _titles(grades, wanted)
    rows = [
        [*about, *titles],
        [POSSIBLE, *[""] * (len(about) - 1), *(points(column.possible) for column in wanted)],
        *(
            [*_learner(grade, about), *(_cell(grade, *pair, zeros) for pair in zip(wanted, titles, strict=True))]
            for grade in sorted_grades(grades)
        ),
    ]
    return table(rows)


def _from_canvas(grade: Grade) -> bool:
    """Whether the roster's row is one of Canvas's own export."""
    return grade.person is not None and {"ID", "Section"} <= grade.person.cells.keys()


def _about(grades: list[Grade]) -> list[str]:
    """The columns that say who it is."""
    for grade in grades:
        if grade.person is not None and _from_canvas(grade):
            return [name for name in ABOUT if name in grade.person.cells]
    return list(PLAIN)


def _titles(grades: list[Grade], wanted: list[Column]) -> list[str]:
    """The columns' titles: that of the one assignment of this name in Canvas's export, number included, or our own."""
    known = next((list(g.person.cells) for g in grades if g.person is not None and _from_canvas(g)), [])
    fitting = [
        [name for name in known if NUMBER.sub("", name).strip().casefold() == column.title.casefold()]
        for column in wanted
    ]
    return [names[0] if len(names) == 1 else column.title for names, column in zip(fitting, wanted, strict=True)]


def _learner(grade: Grade, about: list[str]) -> list[str]:
    """The cells that say who it is: the export's own where there is one, else the id as what the school's system says.

    Canvas's own ID stays empty then: another system's number there might be somebody else's.
    """
    if grade.person is not None and _from_canvas(grade):
        cells = grade.person.cells
        return [_name(cells.get(name, "")) if name in NAMES else cells.get(name, "") for name in about]
    known = grade.person.id if grade.person is not None else inert(grade.learner)
    cells = dict.fromkeys(SIS, known) | {name: _name(grade.name or grade.learner) for name in ("Student", "LastName")}
    return [cells.get(name, "") for name in about]


def _name(text: str) -> str:
    """A name, that cannot be taken for a formula or, by Canvas, for the row of the points."""
    return inert(text).replace("Points Possible", "Points possible")


def _cell(grade: Grade, column: Column, title: str, zeros: bool) -> str:
    number = earned(grade, column, zeros)
    if number is not None:
        return points(number)
    return grade.person.cells.get(title, "") if grade.person is not None and _from_canvas(grade) else ""
