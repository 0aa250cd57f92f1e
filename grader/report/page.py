"""The class as one self-contained HTML page, which sorts and filters without a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.course import Module
from grader.model import FAILED, FAULT, GRADED, NOT_GRADED, NOTHING, Grade
from grader.report import plots
from grader.report.pages import environment, heat, inline, policy
from grader.report.sentences import CAUSES, causes, lateness, remark, short, shown, to_look_at, undated
from grader.scoring import points

AT_ONCE = 100  # rows of the table that are shown; a larger class has pages
LONGEST_REMARK = 300  # characters
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
    pages: dict[str, str] = field(default_factory=dict)  # learner -> link to the learner's own page
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


def hardest(grades: Sequence[Grade]) -> list[Hard]:
    """The checks that most of those who handed the module in fail, the hardest first."""
    failed: Counter[tuple[str, str]] = Counter()
    of: Counter[tuple[str, str]] = Counter()
    sentences: dict[tuple[str, str], str] = {}
    for grade in grades:
        for key, mark in grade.marks.items():
            if mark.result is None or mark.absent:
                continue
            for outcome in mark.result.outcomes:
                if outcome.status != FAULT:
                    check = key, outcome.check
                    of[check] += 1
                    failed[check] += outcome.status == FAILED
                    sentences[check] = outcome.sentence
    hard = [Hard(key, sentences[key, check], check, failed[key, check], of[key, check]) for key, check in of]
    return sorted((one for one in hard if one.failed), key=lambda one: (-one.share, -one.of, one.key))[:HARDEST]


def troubles(grades: Sequence[Grade]) -> dict[str, list[tuple[str, int]]]:
    """Who timed out, ended the process or used what is forbidden, and in how many checks; those with most first."""
    found: dict[str, list[tuple[str, int]]] = {cause: [] for cause in CAUSES}
    for grade in grades:
        number = causes(grade)
        for cause in found.keys() & number.keys():
            found[cause].append((grade.learner, number[cause]))
    return {CAUSES[cause]: sorted(each, key=lambda pair: -pair[1]) for cause, each in found.items() if each}


def class_page(run: Run, grades: list[Grade], modules: list[Module]) -> str:
    """The page. Everything that learners wrote is escaped; no script but its own can run on it."""
    graded = [grade for grade in grades if grade.state == GRADED]
    possible = sum(module.points for module in modules)
    late = [grade for grade in grades if any(mark.days_late for mark in grade.marks.values())]
    times = {grade.learner: what for grade in grades if (what := undated(grade))}
    flagged = [grade for grade in grades if grade.flags]
    decided = [grade for grade in grades if grade.decisions]
    noted = {grade.learner: found for grade in grades if (found := to_look_at(grade))}
    kinds = _kinds(
        late=[grade.learner for grade in late],
        flagged={*(grade.learner for grade in flagged), *(who for one, other, _ in run.pairs for who in (one, other))},
        decided=[grade.learner for grade in decided], undated=times, noted=noted,
    )  # fmt: skip
    style, script = inline("style.css", "class.css"), inline("class.js")
    return environment().get_template("class.html").render(
        run=run, grades=grades, modules=modules, possible=possible, graded=graded, late=late, flagged=flagged,
        decided=decided, noted=noted, undated=times, kinds=KINDS,
        rows=[_row(grade, modules, run.pages, kinds.get(grade.learner, [])) for grade in grades], at_once=AT_ONCE,
        not_graded=[grade for grade in grades if grade.state == NOT_GRADED], most_not_graded=MOST_NOT_GRADED,
        nothing=[grade for grade in grades if grade.state == NOTHING], most_listed=MOST_LISTED, most_pairs=MOST_PAIRS,
        most_undated=MOST_UNDATED, most_notes=MOST_NOTES, most_troubled=MOST_TROUBLED,
        moved=sum(len(grade.notes) > len(noted.get(grade.learner, [])) for grade in grades),
        hardest=hardest(grades), troubles=troubles(grades),
        totals=plots.histogram([grade.total for grade in graded], possible, "Totals of those who are graded"),
        strips=[(module, *_strip(graded, module)) for module in modules],
        lateness=lateness, style=style, script=script, policy=policy(style, script),
    )  # fmt: skip


def _kinds(**learners: Iterable[str]) -> dict[str, list[str]]:
    """learner -> those of KINDS that the learner is of."""
    found: dict[str, list[str]] = {}
    for kind, some in learners.items():
        for learner in some:
            found.setdefault(learner, []).append(kind)
    return found


def _row(grade: Grade, modules: list[Module], pages: Mapping[str, str], kinds: list[str]) -> Row:
    marks = [(grade.marks[module.key], grade.number(module.key)) for module in modules]
    there = [None if number is None or mark.missing else mark for mark, number in marks]
    return Row(
        short(grade.learner), short(grade.name), pages.get(grade.learner, ""), grade.state, " ".join(kinds),
        points(grade.total) if grade.counts else "-", shown(remark(grade), LONGEST_REMARK),
        " ".join(points(mark.points) if mark else "-" for mark in there),
        "".join(str(heat(mark.points, mark.possible)) if mark else "-" for mark in there),
    )  # fmt: skip


def _strip(graded: list[Grade], module: Module) -> tuple[int, float, object]:
    """How many handed the module in, their mean, and their distribution."""
    marks = [grade.marks[module.key] for grade in graded]
    earned = [mark.points for mark in marks if not mark.missing]
    mean = sum(earned) / len(earned) if earned else 0.0
    return len(earned), mean, plots.small(earned, module.points, module.key)
