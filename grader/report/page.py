"""The class as one self-contained HTML page, which sorts and filters without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.course import Module
from grader.model import FAILED, FAULT, GRADED, NOT_GRADED, NOTHING, Grade
from grader.report import plots
from grader.report.pages import environment, heat, inline, policy
from grader.report.sentences import CAUSES, lateness, outcomes, remark, to_look_at, undated

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


def hardest(grades: Sequence[Grade]) -> list[Hard]:
    """The checks that most of those who handed the module in fail, the hardest first."""
    found: dict[tuple[str, str], list[int]] = {}
    sentences: dict[tuple[str, str], str] = {}
    for grade in grades:
        for key, mark in grade.marks.items():
            if mark.result is None or mark.absent:
                continue
            for outcome in mark.result.outcomes:
                if outcome.status != FAULT:
                    found.setdefault((key, outcome.check), []).append(outcome.status == FAILED)
                    sentences[key, outcome.check] = outcome.sentence
    hard = [Hard(key, sentences[key, check], check, sum(all_), len(all_)) for (key, check), all_ in found.items()]
    return sorted((one for one in hard if one.failed), key=lambda one: (-one.share, -one.of, one.key))[:HARDEST]


def troubles(grades: Sequence[Grade]) -> dict[str, list[tuple[str, int]]]:
    """Who timed out, ended the process or used what is forbidden, and in how many checks; those with most first."""
    found = {}
    for cause, what in CAUSES.items():
        each = [(grade.learner, sum(one.cause == cause for one in outcomes(grade))) for grade in grades]
        found[what] = sorted(((who, number) for who, number in each if number), key=lambda pair: -pair[1])
    return {what: each for what, each in found.items() if each}


def class_page(run: Run, grades: list[Grade], modules: list[Module]) -> str:
    """The page. Everything that learners wrote is escaped; no script but its own can run on it."""
    graded = [grade for grade in grades if grade.state == GRADED]
    possible = sum(module.points for module in modules)
    style, script = inline("style.css", "class.css"), inline("class.js")
    return environment().get_template("class.html").render(
        run=run, most_pairs=MOST_PAIRS, grades=grades, modules=modules, possible=possible, graded=graded,
        not_graded=[grade for grade in grades if grade.state == NOT_GRADED],
        nothing=[grade for grade in grades if grade.state == NOTHING],
        late=[grade for grade in grades if any(mark.days_late for mark in grade.marks.values())],
        undated=[(grade.learner, what) for grade in grades if (what := undated(grade))], most_undated=MOST_UNDATED,
        flagged=[grade for grade in grades if grade.flags],
        decided=[grade for grade in grades if grade.decisions],
        noted=[(grade.learner, found) for grade in grades if (found := to_look_at(grade))], most_notes=MOST_NOTES,
        moved=sum(len(grade.notes) > len(to_look_at(grade)) for grade in grades),
        paired={learner for one, other, _ in run.pairs for learner in (one, other)},
        hardest=hardest(grades), troubles=troubles(grades), most=MOST_TROUBLED,
        totals=plots.histogram([grade.total for grade in graded], possible, "Totals of those who are graded"),
        strips=[(module, *_strip(graded, module)) for module in modules],
        heat=heat, remark=remark, lateness=lateness, style=style, script=script, policy=policy(style, script),
    )  # fmt: skip


def _strip(graded: list[Grade], module: Module) -> tuple[int, float, object]:
    """How many handed the module in, their mean, and their distribution."""
    marks = [grade.marks[module.key] for grade in graded]
    earned = [mark.points for mark in marks if not mark.missing]
    mean = sum(earned) / len(earned) if earned else 0.0
    return len(earned), mean, plots.small(earned, module.points, module.key)
