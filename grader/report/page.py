"""The class as one self-contained HTML page, which sorts and filters without a network.

The page is told of one learner after the other, and keeps of each no more than it shows.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from grader.course import Module
from grader.model import FAILED, FAULT, GRADED, NOT_GRADED, NOTHING, Grade
from grader.report import plots
from grader.report.pages import environment, heat, inline, policy
from grader.report.sentences import CAUSES, causes, lateness, remark, short, shown, to_look_at, undated
from grader.scoring import points

AT_ONCE = 100  # rows of the table that are shown; a larger class has pages
LONGEST_REMARK = 300  # characters; of a flag, a decision or a reason too
LONGEST_NOTES = 1_000  # of one learner's together
KINDS = {  # learners that the table can be narrowed to: what the control calls them
    "late": "late ones",
    "flagged": "flagged ones",
    "decided": "decided by people",
    "undated": "time not known",
    "noted": "left out or in doubt",
}
MOST_NOT_GRADED = 200  # learners, each with the reason
MOST_LISTED = 100  # learners in each list without a limit of its own, and notes about the class
HARDEST = 15
MOST_PAIRS = 30  # near-identical ones that are named
MOST_TROUBLED = 20  # learners named for each kind of trouble
MOST_UNDATED = 20  # learners named of whom it is not known when they handed in
MOST_NOTES = 5  # of one learner, on how the files were read; the learner's page has all


@dataclass(frozen=True)
class Run:
    """What the page says beside the grades."""

    title: str
    seed: int
    sandbox: str
    pairs: tuple[tuple[str, str, float], ...] = ()  # near-identical submissions, and how much they share (0 to 1)
    notes: tuple[str, ...] = ()  # about the class as a whole


@dataclass(frozen=True)
class Hard:
    """How many of those who handed a module in fail one of its checks."""

    key: str
    sentence: str
    check: str
    failed: int
    of: int

    @property
    def share(self) -> float:
        return self.failed / self.of


class Row(NamedTuple):
    """A learner's row in the table, as it is shown. The script of the page makes rows of the same."""

    learner: str
    name: str
    page: str  # link to the learner's own; "": there is none
    state: str
    kinds: str  # those of KINDS, with spaces between
    total: str
    remark: str
    points: str  # one a module, with spaces between; - is not handed in or not graded
    shades: str  # one character a module: `heat`, or - where there are no points


@dataclass
class Listed:
    """A list of learners that ends after so many, each with what there is to say. Its length is that of all of them."""

    most: int
    named: list[tuple[str, list[str]]] = field(default_factory=list)
    number: int = 0

    def __len__(self) -> int:
        return self.number

    def add(self, learner: str, lines: list[str]) -> None:
        self.number += 1
        if self.number <= self.most:
            self.named.append((learner, lines))


class Checks:
    """How many fail each check, of those who handed the module in."""

    def __init__(self) -> None:
        self.failed: Counter[tuple[str, str]] = Counter()
        self.of: Counter[tuple[str, str]] = Counter()
        self.sentences: dict[tuple[str, str], str] = {}

    def add(self, grade: Grade) -> None:
        for key, mark in grade.marks.items():
            if mark.result is None or mark.absent:
                continue
            for outcome in mark.result.outcomes:
                if outcome.status != FAULT:
                    check = key, outcome.check
                    self.of[check] += 1
                    self.failed[check] += outcome.status == FAILED
                    self.sentences[check] = outcome.sentence

    def hardest(self) -> list[Hard]:
        """The checks that most fail, the hardest first."""
        hard = [Hard(one[0], self.sentences[one], one[1], self.failed[one], number) for one, number in self.of.items()]
        return sorted((one for one in hard if one.failed), key=lambda one: (-one.share, -one.of, one.key))[:HARDEST]


class Troubles:
    """Who timed out, ended the process or used what is forbidden, and in how many checks."""

    def __init__(self) -> None:
        self.learners: Counter[str] = Counter()  # by cause
        self.most: dict[str, list[tuple[str, int]]] = {cause: [] for cause in CAUSES}

    def add(self, grade: Grade) -> None:
        number = causes(grade)
        for cause, most in self.most.items():
            if number[cause]:
                self.learners[cause] += 1
                most.append((grade.learner, number[cause]))
                most.sort(key=lambda pair: -pair[1])
                del most[MOST_TROUBLED:]

    def named(self) -> list[tuple[str, int, list[tuple[str, int]]]]:
        """What their code did, how many they are, and those with most."""
        return [(CAUSES[cause], self.learners[cause], most) for cause, most in self.most.items() if most]


class ClassPage:
    """The page of a class that is being told of its learners."""

    def __init__(self, run: Run, modules: list[Module]) -> None:
        self.run = run
        self.modules = modules
        self.paired = {learner for one, other, _ in run.pairs for learner in (one, other)}
        self.rows: dict[str, Row] = {}  # by learner
        self.listed = {kind: Listed(MOST_LISTED) for kind in (*KINDS, NOTHING)}
        self.listed |= {"undated": Listed(MOST_UNDATED), NOT_GRADED: Listed(MOST_NOT_GRADED)}
        self.moved = 0
        self.checks = Checks()
        self.troubles = Troubles()
        self.totals = array("d")  # of those who are graded
        self.points = {module.key: array("d") for module in modules}  # of those of them who handed the module in

    def add(self, grade: Grade, page: str = "") -> None:
        """The next learner, and the link to the learner's own page, if there is one."""
        notes = to_look_at(grade)
        said = _said(grade, notes)
        for kind, lines in said.items():
            self.listed[kind].add(grade.learner, lines)
        kinds = [kind for kind in KINDS if kind in said or (kind == "flagged" and grade.learner in self.paired)]
        self.rows[grade.learner] = _row(grade, self.modules, page, kinds)
        self.moved += len(grade.notes) > len(notes)
        self.checks.add(grade)
        self.troubles.add(grade)
        if grade.state == GRADED:
            self.totals.append(grade.total)
            for key, earned in self.points.items():
                if not grade.marks[key].missing:
                    earned.append(grade.marks[key].points)

    def html(self) -> str:
        """The page. Everything that learners wrote is escaped; no script but its own can run on it."""
        possible = sum(module.points for module in self.modules)
        style, script = inline("style.css", "class.css"), inline("class.js")
        return environment().get_template("class.html").render(
            run=self.run, modules=self.modules, possible=possible, kinds=KINDS, rows=self.rows, at_once=AT_ONCE,
            first=list(islice(self.rows.values(), AT_ONCE)), graded=len(self.totals),
            not_graded=self.listed[NOT_GRADED], nothing=self.listed[NOTHING], late=self.listed["late"],
            flagged=self.listed["flagged"], decided=self.listed["decided"], undated=self.listed["undated"],
            noted=self.listed["noted"], moved=self.moved, most_listed=MOST_LISTED, most_pairs=MOST_PAIRS,
            hardest=self.checks.hardest(), troubles=self.troubles.named(),
            totals=plots.histogram(self.totals, possible, "Totals of those who are graded"),
            strips=[(module, *_strip(self.points[module.key], module)) for module in self.modules],
            style=style, script=script, policy=policy(style, script),
        )  # fmt: skip


def _said(grade: Grade, notes: list[str]) -> dict[str, list[str]]:
    """What the lists say of a learner: by those of KINDS and the state that have one and that the learner is of."""
    late = [f"{key} {lateness(mark)}" for key, mark in grade.marks.items() if mark.days_late]
    unknown = undated(grade)
    more = len(notes) - MOST_NOTES
    noted = shown("; ".join(notes[:MOST_NOTES]), LONGEST_NOTES) + (f"; and {more} more" if more > 0 else "")
    said = {
        "late": [", ".join(late)] if late else [],
        "flagged": [shown("; ".join(grade.flags), LONGEST_REMARK)] if grade.flags else [],
        "decided": [shown(line, LONGEST_REMARK) for line in grade.decisions],
        "undated": [unknown] if unknown else [],
        "noted": [noted] if notes else [],
        NOT_GRADED: [shown(grade.why, LONGEST_REMARK)] if grade.state == NOT_GRADED else [],
        NOTHING: [NOTHING] if grade.state == NOTHING else [],
    }
    return {kind: lines for kind, lines in said.items() if lines}


def _row(grade: Grade, modules: list[Module], page: str, kinds: list[str]) -> Row:
    marks = [(grade.marks[module.key], grade.number(module.key)) for module in modules]
    there = [None if number is None or mark.missing else mark for mark, number in marks]
    return Row(
        short(grade.learner), short(grade.name), page, grade.state, " ".join(kinds),
        points(grade.total) if grade.counts else "-", shown(remark(grade), LONGEST_REMARK),
        " ".join(points(mark.points) if mark else "-" for mark in there),
        "".join(str(heat(mark.points, mark.possible)) if mark else "-" for mark in there),
    )  # fmt: skip


def _strip(earned: array[float], module: Module) -> tuple[int, float, object]:
    """How many handed the module in, their mean, and their distribution."""
    mean = sum(earned) / len(earned) if earned else 0.0
    return len(earned), mean, plots.small(earned, module.points, module.key)
