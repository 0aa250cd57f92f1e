"""Outcomes -> what counts: points, lateness, attempts, overrides. Pure; imports model and course.

Nothing here runs or reads anything, so that changed points, deadlines and overrides need no new grading.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from grader.course import Course, Module, Term
from grader.model import (
    GRADED,
    NOT_GRADED,
    NOTHING,
    PASSED,
    Extension,
    Grade,
    HandIn,
    Mark,
    ModuleResult,
    Override,
    Person,
    Record,
    State,
)

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Adjustments:
    """What people have decided about single learners."""

    extensions: tuple[Extension, ...] = ()
    overrides: tuple[Override, ...] = ()

    def of(self, learner: str) -> Adjustments:
        return Adjustments(
            tuple(extension for extension in self.extensions if extension.learner == learner),
            tuple(override for override in self.overrides if override.learner == learner),
        )


@dataclass(frozen=True)
class Work:
    """All that is known of one learner: the attempts, the record of each that was graded, and why others were not."""

    learner: str
    attempts: tuple[HandIn, ...] = ()  # in the order in which they were handed in
    records: dict[str, Record] = field(default_factory=dict)  # by attempt
    refused: dict[str, str] = field(default_factory=dict)  # by attempt: why it is not graded
    person: Person | None = None


def due(term: Term, step: str, extensions: Iterable[Extension]) -> datetime | None:
    """Until when this step may be handed in; None: there is no deadline."""
    general = term.deadlines.get(step, term.deadline)
    if general is None:
        return None
    return max([general, *(extension.until for extension in extensions if extension.step in ("", step))])


def handed_in(hand_in: HandIn, step: str) -> datetime | None:
    return hand_in.times.get(step, hand_in.times.get(""))


def days_late(term: Term, submitted: datetime | None, deadline: datetime | None) -> int:
    """Days begun after the deadline; 0 within the grace, and where one of the times is not known."""
    if submitted is None or deadline is None or submitted <= deadline + timedelta(minutes=term.grace_minutes):
        return 0
    return math.ceil((submitted - deadline) / DAY)


def candidates(term: Term, step: str, work: Work, extensions: Iterable[Extension]) -> Sequence[HandIn]:
    """The attempts that may count for a step: all where the best counts, else the latest that is in time.

    Where none is in time it is the latest of all.
    """
    if term.attempts == "best" or len(work.attempts) < 2:
        return work.attempts
    deadline = due(term, step, extensions)
    in_time = [one for one in work.attempts if not days_late(term, handed_in(one, step), deadline)]
    return [(in_time or list(work.attempts))[-1]]


def needed(course: Course, modules: Iterable[Module], work: Work, adjustments: Adjustments) -> list[HandIn]:
    """The attempts that have to be graded."""
    extensions = adjustments.of(work.learner).extensions
    steps = dict.fromkeys(module.step for module in modules)
    wanted = {one.attempt for step in steps for one in candidates(course.term, step, work, extensions)}
    return [one for one in work.attempts if one.attempt in wanted]


def grade(course: Course, modules: Iterable[Module], work: Work, adjustments: Adjustments) -> Grade:
    """What counts for one learner under the course, its term and the adjustments as they are now."""
    own = adjustments.of(work.learner)
    marks = {module.key: _mark(course, module, work, own) for module in modules}
    state: State = NOTHING if not work.attempts else GRADED
    why = ""
    for one in needed(course, modules, work, own):
        record = work.records.get(one.attempt)
        if record is None:
            state, why = NOT_GRADED, work.refused.get(one.attempt, f"{one.attempt or 'the hand-in'} is not graded yet")
        elif record.faults:
            state, why = NOT_GRADED, record.faults[0]
    counting = {mark.attempt for mark in marks.values()}
    counted = [record for attempt, record in work.records.items() if attempt in counting]
    notes = tuple(dict.fromkeys(note for record in counted for note in record.notes))
    flags = tuple(dict.fromkeys(flag for record in counted for flag in record.flags))
    name = work.person.name if work.person is not None else ""
    return Grade(work.learner, state, marks, name, why, notes, flags, work.person)


def _mark(course: Course, module: Module, work: Work, own: Adjustments) -> Mark:
    """The mark of one module: of the attempt that counts most among those that may."""
    checks = {one.check: one for one in own.overrides if one.module == module.key and one.check}
    options = [
        _of_attempt(course.term, module, one, record, checks, own.extensions)
        for one in candidates(course.term, module.step, work, own.extensions)
        if (record := work.records.get(one.attempt)) is not None
    ]
    mark = max(options, key=lambda mark: mark.points, default=None)  # the first of equals
    if mark is None:
        mark = Mark(module.points)
    for override in own.overrides:
        if override.module == module.key and not override.check:
            remark = f"set to {points(override.points)} points by hand: {override.reason}"
            mark = replace(mark, points=override.points, by_hand=True, remarks=(*mark.remarks, remark))
    return mark


def _of_attempt(
    term: Term,
    module: Module,
    hand_in: HandIn,
    record: Record,
    checks: dict[str, Override],
    extensions: tuple[Extension, ...],
) -> Mark:
    result = next((r for r in record.modules if (r.step, r.track) == (module.step, module.track)), None)
    earned = _earned(module, result, checks)
    submitted, deadline = handed_in(hand_in, module.step), due(term, module.step, extensions)
    late = days_late(term, submitted, deadline)
    share = 1.0 if late and term.late_days is not None and late > term.late_days else min(1, late * term.late_per_day)
    penalty = round(share * earned, 6)
    return Mark(
        possible=module.points,
        result=result,
        earned=earned,
        points=round(earned - penalty, 6),
        attempt=hand_in.attempt,
        days_late=late,
        penalty=penalty,
        by_hand=bool(checks),
        remarks=(
            *_of_time(term, submitted, deadline, late, share, penalty),
            *_of_extensions(term, module.step, extensions),
            *(f"{one.check} set to {points(one.points)} points by hand: {one.reason}" for one in checks.values()),
        ),
    )


def _earned(module: Module, result: ModuleResult | None, checks: dict[str, Override]) -> float:
    passed = {outcome.check for outcome in result.outcomes if outcome.status == PASSED} if result else set()
    each = [
        checks[name].points if name in checks else spec.points if name in passed else 0
        for name, spec in module.checks.items()
    ]
    return round(sum(each), 6)


def _of_time(
    term: Term, submitted: datetime | None, deadline: datetime | None, late: int, share: float, penalty: float
) -> list[str]:
    if deadline is not None and submitted is None:
        return ["it is not known when this was handed in: taken as in time"]
    if not late or submitted is None or deadline is None:
        return []
    taken = f"{share:.0%} of the points are taken ({points(penalty)})" if share else "no points are taken"
    noun = "day" if late == 1 else "days"
    return [f"{late} {noun} late, handed in {shown(submitted)}, due {shown(deadline)}: {taken}"]


def _of_extensions(term: Term, step: str, extensions: tuple[Extension, ...]) -> list[str]:
    if term.deadlines.get(step, term.deadline) is None:
        return []
    return [
        f"extension until {shown(extension.until)}: {extension.reason}"
        for extension in extensions
        if extension.step in ("", step)
    ]


def shown(moment: datetime) -> str:
    """A time as the reports write it, with its offset: 2026-11-03 12:30 +01:00."""
    return moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")


def points(number: float) -> str:
    """Points as people write them: 7, 7.5, 7.25."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
