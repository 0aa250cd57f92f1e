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
    FAULT,
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
    modules = list(modules)
    own = adjustments.of(work.learner)
    marks = {module.key: _mark(course, module, work, own) for module in modules}
    state: State = NOTHING if not work.attempts else GRADED
    why = ""
    undecided = [module for module in modules if not _decided(module, own)]
    for one in needed(course, undecided, work, own):
        record = work.records.get(one.attempt)
        if record is None:
            state, why = NOT_GRADED, work.refused.get(one.attempt, f"{one.attempt or 'the hand-in'} is not graded yet")
        elif faults := _faults(record, undecided, own):
            state, why = NOT_GRADED, faults[0]
    counting = {mark.attempt for mark in marks.values()}
    counted = [record for attempt, record in work.records.items() if attempt in counting]
    unread = [one.notes for one in work.attempts if one.attempt in work.refused]
    notes = tuple(dict.fromkeys(note for some in (*(record.notes for record in counted), *unread) for note in some))
    flags = tuple(dict.fromkeys(flag for record in counted for flag in record.flags))
    name = work.person.name if work.person is not None else ""
    return Grade(work.learner, state, marks, name, why, notes, flags, work.person, _decisions(modules, own))


def _decided(module: Module, own: Adjustments) -> bool:
    """Whether people have given all points of a module, as a whole or check by check: it waits for no machine."""
    given = {one.check for one in own.overrides if one.module == module.key}
    return "" in given or given >= module.checks.keys()


def _faults(record: Record, modules: Iterable[Module], own: Adjustments) -> list[str]:
    """Why these modules of a record are not graded. A check that a person has decided upon is no reason."""
    decided = {(one.module, one.check) for one in own.overrides}
    chosen = {module.key for module in modules}
    return [
        f"{key} {outcome.check}: {outcome.reason}"
        for result in record.modules
        if (key := f"{result.step}/{result.track}") in chosen
        for outcome in result.outcomes
        if outcome.status == FAULT and (key, outcome.check) not in decided
    ]


def _decisions(modules: Iterable[Module], own: Adjustments) -> tuple[str, ...]:
    """What people have decided about a learner, as far as it is about these modules."""
    steps, keys = {module.step for module in modules}, {module.key for module in modules}
    return (
        *(f"{one.step or 'all steps'}: {_extension(one)}" for one in own.extensions if one.step in ("", *steps)),
        *(
            f"{' '.join(filter(None, (one.module, one.check)))}: {worth(one.points)} by hand: {one.reason}"
            for one in own.overrides
            if one.module in keys
        ),
    )


def _mark(course: Course, module: Module, work: Work, own: Adjustments) -> Mark:
    """The mark of one module: of the attempt that counts most among those that may."""
    overrides = [one for one in own.overrides if one.module == module.key]
    checks = {one.check: one for one in overrides if one.check}
    options: list[tuple[Mark, HandIn | None]] = [
        (_of_attempt(course.term, module, one, record, checks, own.extensions), one)
        for one in candidates(course.term, module.step, work, own.extensions)
        if (record := work.records.get(one.attempt)) is not None
    ]
    given = _earned(module, None, checks)
    unread = (Mark(module.points, earned=given, points=given, by_hand=bool(checks)), None)
    mark, hand_in = max(options, key=lambda option: option[0].points, default=unread)  # the first of equals
    whole = next((one for one in reversed(overrides) if not one.check), None)
    if whole is not None:
        mark = replace(mark, points=whole.points, penalty=0.0, by_hand=True)
    return replace(
        mark,
        remarks=(
            *(_of_time(course.term, module.step, mark, hand_in, own.extensions, whole) if hand_in else ()),
            *_of_extensions(course.term, module.step, own.extensions),
            *_of_earlier_steps(mark.result),
            *(_of_check(one, whole) for one in checks.values()),
            *([f"set to {worth(whole.points)} by hand: {whole.reason}"] if whole is not None else []),
        ),
    )


def _of_check(one: Override, whole: Override | None) -> str:
    without = "" if whole is None else " (without effect: the points of the whole module were given by hand too)"
    return f"{one.check} set to {worth(one.points)} by hand{without}: {one.reason}"


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
    mark = Mark(module.points, result, earned, earned, hand_in.attempt, by_hand=bool(checks))
    if mark.absent:  # what was not handed in is not late
        return mark
    submitted, deadline = handed_in(hand_in, module.step), due(term, module.step, extensions)
    late = days_late(term, submitted, deadline)
    penalty = round(_share(term, late) * earned, 6)
    undated = deadline is not None and submitted is None
    return replace(mark, points=round(earned - penalty, 6), days_late=late, penalty=penalty, undated=undated)


def _share(term: Term, late: int) -> float:
    """What so many days cost, of 1."""
    return 1.0 if late and term.late_days is not None and late > term.late_days else min(1.0, late * term.late_per_day)


def _earned(module: Module, result: ModuleResult | None, checks: dict[str, Override]) -> float:
    passed = {outcome.check for outcome in result.outcomes if outcome.status == PASSED} if result else set()
    each = [
        checks[name].points if name in checks else spec.points if name in passed else 0
        for name, spec in module.checks.items()
    ]
    return round(sum(each), 6)


def _of_time(
    term: Term,
    step: str,
    mark: Mark,
    hand_in: HandIn,
    extensions: tuple[Extension, ...],
    whole: Override | None,
) -> list[str]:
    submitted, deadline = handed_in(hand_in, step), due(term, step, extensions)
    if mark.undated:
        return ["it is not known when this was handed in: taken as in time"]
    if not mark.days_late or submitted is None or deadline is None:
        return []
    share = _share(term, mark.days_late)
    taken = f"{share:.0%} of the points are taken ({points(mark.penalty)})" if share else "no points are taken"
    if whole is not None:
        taken = "no points are taken from those that were given by hand"
    return [f"{days(mark.days_late)} late, handed in {shown(submitted)}, due {shown(deadline)}: {taken}"]


def _of_extensions(term: Term, step: str, extensions: tuple[Extension, ...]) -> list[str]:
    if term.deadlines.get(step, term.deadline) is None:
        return []
    return [_extension(one) for one in extensions if one.step in ("", step)]


def _extension(one: Extension) -> str:
    return f"extension until {shown(one.until)}: {one.reason}"


def _of_earlier_steps(result: ModuleResult | None) -> list[str]:
    """Which earlier steps the reference had to lend for checks that pass: said once, not with each of them."""
    outcomes = result.outcomes if result is not None else ()
    return list(dict.fromkeys(one.reason for one in outcomes if one.status == PASSED and one.reason))


def shown(moment: datetime) -> str:
    """A time as the reports write it, with its offset: 2026-11-03 12:30 +01:00."""
    return moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")


def points(number: float) -> str:
    """Points as people write them: 7, 7.5, 7.25."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def worth(number: float) -> str:
    """The same with the noun: 1 point, 7.5 points."""
    return f"{points(number)} {'point' if number == 1 else 'points'}"


def days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
