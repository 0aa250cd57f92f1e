"""What counts: points, lateness, extensions, attempts and overrides. No learner code, no files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course import CheckSpec, Course, Limits, Module, Step, Term
from grader.model import (
    FAILED,
    FAULT,
    OWN,
    PASSED,
    REFERENCE,
    Extension,
    Grade,
    HandIn,
    ModuleResult,
    Outcome,
    Override,
    Person,
    Record,
    Status,
)
from grader.scoring import Adjustments, Work, days_late, due, grade, needed

DUE = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MODULES = [
    Module(step, "pure", name, {"test_a": CheckSpec("test_a", 3, ""), "test_b": CheckSpec("test_b", 1, "")})
    for step, name in (("01_double", "double"), ("02_quad", "quad"))
]


def course(**term: object) -> Course:
    steps = {m.step: Step(m.step, "", (), {"pure": m}) for m in MODULES}
    limits = Limits(1, 1, 1, 1, 1, 1, 1)
    return Course(Path(), "mini", {"pure": ""}, limits, steps, (), Term(**term))  # type: ignore[arg-type]  # of Term


def record(*passed: str, attempt: str = "", fault: bool = False) -> Record:
    """A record in which both modules passed the checks named."""

    def outcome(name: str) -> Outcome:
        status: Status = FAULT if fault else PASSED if name in passed else FAILED
        return Outcome(name, status, name, chain=OWN if status == PASSED else None)

    results = tuple(ModuleResult(m.step, m.track, tuple(map(outcome, m.checks))) for m in MODULES)
    return Record("ada", results, 1, {}, {}, attempt=attempt)


def attempt(name: str = "", *, at: datetime | None = None, **by_step: datetime) -> HandIn:
    times = ({"": at} if at else {}) | {f"0{step[1:]}": time for step, time in by_step.items()}
    return HandIn("ada", (), name, times)


def graded(at: Course, hand_in: HandIn, *passed: str, **adjusted: tuple) -> Grade:
    work = Work("ada", (hand_in,), {hand_in.attempt: record(*passed, attempt=hand_in.attempt)})
    return grade(at, MODULES, work, Adjustments(**adjusted))


def points(found: Grade) -> list[float]:
    return [mark.points for mark in found.marks.values()]


def test_points_are_those_of_passed_checks() -> None:
    """Each passed check brings its points as the course has them now, and nothing else does."""
    found = graded(course(), attempt(), "test_a")
    assert (points(found), found.total, found.possible, found.state) == ([3, 3], 6, 8, "graded")
    assert graded(course(), attempt()).total == 0


@pytest.mark.parametrize(
    ("after", "days"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(minutes=10), 0),
        (timedelta(minutes=10, seconds=1), 1),
        (DAY, 1),
        (DAY + timedelta(seconds=1), 2),
        (5 * DAY, 5),
    ],
)
def test_days_late_are_days_begun(after: timedelta, days: int) -> None:
    """Nothing is late within the grace; after it each day begun since the deadline counts."""
    assert days_late(Term(grace_minutes=10), DUE + after, DUE) == days


def test_lateness_costs_a_share_of_what_was_earned() -> None:
    """Each day takes its share of the points earned, never more than there are; the reason says from when to when."""
    late = course(deadline=DUE, late_per_day=0.25)
    found = graded(late, attempt(at=DUE + 1.5 * DAY), "test_a", "test_b")
    assert points(found) == [2, 2]
    mark = found.marks["01_double/pure"]
    assert (mark.earned, mark.days_late, mark.penalty) == (4, 2, 2)
    assert mark.remarks == (
        "2 days late, handed in 2026-12-02 00:00 UTC, due 2026-11-30 12:00 UTC: 50% of the points are taken (2)",
    )
    assert graded(late, attempt(at=DUE + 9 * DAY), "test_a").total == 0


def test_after_the_last_day_nothing_counts() -> None:
    """late_days bounds what is accepted, whatever a day costs."""
    late = course(deadline=DUE, late_days=2)
    assert graded(late, attempt(at=DUE + 2 * DAY), "test_a").total == 6
    assert graded(late, attempt(at=DUE + 2 * DAY + timedelta(seconds=1)), "test_a").total == 0


def test_each_step_has_its_own_deadline_and_time() -> None:
    """A step's deadline comes before the general one, and its own time of handing in too."""
    late = course(deadline=DUE, deadlines={"02_quad": DUE + 7 * DAY}, late_per_day=1)
    assert points(graded(late, attempt(at=DUE + DAY), "test_a")) == [0, 3]
    by_step = HandIn("ada", (), "", {"01_double": DUE - DAY, "": DUE + 8 * DAY})
    assert points(graded(late, by_step, "test_a")) == [3, 0]


def test_an_unknown_time_is_taken_as_in_time_and_said() -> None:
    """Where no platform told when it was handed in, nothing is taken, and the report says that nobody knows."""
    found = graded(course(deadline=DUE, late_per_day=1), attempt(), "test_a")
    assert found.total == 6
    assert found.marks["01_double/pure"].remarks == ("it is not known when this was handed in: taken as in time",)
    assert graded(course(), attempt(), "test_a").marks["01_double/pure"].remarks == ()


def test_an_extension_moves_the_deadline_of_one_learner() -> None:
    """For all steps or one; an earlier date than the deadline takes nothing away; the reason is in the remarks."""
    late = course(deadline=DUE, late_per_day=1)
    own = (Extension("ada", DUE + 3 * DAY, "ill", "01_double"), Extension("bea", DUE + 9 * DAY, "else"))
    found = graded(late, attempt(at=DUE + DAY), "test_a", extensions=own)
    assert points(found) == [3, 0]
    assert found.marks["01_double/pure"].remarks == ("extension until 2026-12-03 12:00 UTC: ill",)
    assert due(late.term, "01_double", (Extension("ada", DUE - DAY, "slip"),)) == DUE


def test_overrides() -> None:
    """A module's override is what counts, whatever was earned and however late; a check's is earned, and taken from."""
    late = course(deadline=DUE, late_per_day=0.5)
    own = (
        Override("ada", "01_double/pure", 3.5, "shown in the office"),
        Override("ada", "02_quad/pure", 1, "the check was wrong", "test_b"),
        Override("bea", "02_quad/pure", 0, "else"),
    )
    found = graded(late, attempt(at=DUE + DAY), "test_a", overrides=own)
    assert points(found) == [3.5, 2]
    assert found.marks["01_double/pure"].remarks[-1] == "set to 3.5 points by hand: shown in the office"
    assert found.marks["02_quad/pure"].remarks[-1] == "test_b set to 1 point by hand: the check was wrong"


def test_no_penalty_is_taken_from_a_module_given_by_hand() -> None:
    """The mark says when it came, that nothing is taken, and has no penalty; a check's points are taken from."""
    late = course(deadline=DUE, late_per_day=0.5)
    own = (Override("ada", "01_double/pure", 3, "office"), Override("ada", "02_quad/pure", 1, "wrong", "test_b"))
    found = graded(late, attempt(at=DUE + DAY), "test_a", overrides=own)
    given, counted = found.marks.values()
    assert (given.points, given.days_late, given.penalty) == (3, 1, 0)
    assert given.remarks[0].endswith("no points are taken from those that were given by hand")
    assert (counted.points, counted.days_late, counted.penalty) == (2, 1, 2)


def test_what_was_not_handed_in_is_not_late() -> None:
    """A module that is missing has no days, no penalty and no word about times, known or not."""
    gone = Outcome("test_a", FAILED, "a", "missing")
    some = ModuleResult("01_double", "pure", (Outcome("test_a", PASSED, "a", chain=OWN),))
    one = Record("ada", (some, ModuleResult("02_quad", "pure", (gone,))), 1, {}, {})
    for time in (DUE + DAY, None):
        work = Work("ada", (attempt(at=time),), {"": one})
        here, missing = grade(course(deadline=DUE, late_per_day=0.5), MODULES, work, Adjustments()).marks.values()
        assert (len(here.remarks), missing.remarks, missing.days_late) == (1, (), 0)


def test_decisions_are_those_about_the_learner_and_the_modules() -> None:
    """Each extension and override with its reason, also of who handed in nothing; of other steps or people none."""
    own = Adjustments(
        (Extension("ada", DUE, "ill"), Extension("ada", DUE, "work", "02_quad"), Extension("bea", DUE, "else")),
        (Override("ada", "01_double/pure", 1, "oral", "test_b"), Override("ada", "02_quad/pure", 2, "shown")),
    )
    assert grade(course(), MODULES, Work("ada"), own).decisions == (
        "all steps: extension until 2026-11-30 12:00 UTC: ill",
        "02_quad: extension until 2026-11-30 12:00 UTC: work",
        "01_double/pure test_b: 1 point by hand: oral",
        "02_quad/pure: 2 points by hand: shown",
    )
    assert len(grade(course(), MODULES[:1], Work("ada"), own).decisions) == 2


def test_what_the_reference_lent_is_said_once() -> None:
    """Checks that passed for want of earlier steps say so in one remark of their module."""
    lent = "the earlier steps were not handed in: the reference's were used"
    two = tuple(Outcome(name, PASSED, name, reason=lent, chain=REFERENCE) for name in ("test_a", "test_b"))
    one = Record("ada", (ModuleResult("02_quad", "pure", two),), 1, {}, {})
    found = grade(course(), MODULES, Work("ada", (attempt(),), {"": one}), Adjustments())
    assert found.marks["02_quad/pure"].remarks == (lent,)


def work(*attempts: HandIn, **passed: tuple[str, ...]) -> Work:
    return Work("ada", attempts, {name: record(*checks, attempt=name) for name, checks in passed.items()})


def test_the_latest_attempt_in_time_counts() -> None:
    """A better earlier one does not, nor a later one that is late; of late ones only, the last counts."""
    term = course(deadline=DUE, late_per_day=0.5)
    tries = [attempt("one", at=DUE - 2 * DAY), attempt("two", at=DUE - DAY), attempt("three", at=DUE + DAY)]
    both = work(*tries, one=("test_a", "test_b"), two=("test_b",), three=("test_a", "test_b"))
    found = grade(term, MODULES, both, Adjustments())
    assert (points(found), {mark.attempt for mark in found.marks.values()}) == ([1, 1], {"two"})
    assert [one.attempt for one in needed(term, MODULES, both, Adjustments())] == ["two"]
    late = work(attempt("one", at=DUE + DAY), attempt("two", at=DUE + 2 * DAY), one=("test_a",), two=("test_b",))
    assert [one.attempt for one in needed(term, MODULES, late, Adjustments())] == ["two"]


def test_steps_may_count_from_different_attempts() -> None:
    """With a deadline for each step, the attempt that was in time for a step is the one that counts there."""
    term = course(deadlines={"01_double": DUE, "02_quad": DUE + 9 * DAY})
    tries = work(attempt("one", at=DUE), attempt("two", at=DUE + DAY), one=("test_a",), two=("test_b",))
    found = grade(term, MODULES, tries, Adjustments())
    assert [mark.attempt for mark in found.marks.values()] == ["one", "two"]
    assert [one.attempt for one in needed(term, MODULES, tries, Adjustments())] == ["one", "two"]


def test_the_best_attempt_counts_where_the_course_says_so() -> None:
    """Each step counts from the attempt that brings most after its penalty."""
    term = course(attempts="best", deadline=DUE, late_per_day=0.75)
    tries = work(attempt("one", at=DUE), attempt("two", at=DUE + DAY), one=("test_b",), two=("test_a",))
    assert points(grade(term, MODULES, tries, Adjustments())) == [1, 1]
    assert len(needed(term, MODULES, tries, Adjustments())) == 2


def test_an_extension_can_change_which_attempt_counts() -> None:
    """An attempt that counts and has no record makes the learner not graded, and says which it is."""
    term = course(deadline=DUE)
    tries = work(attempt("one", at=DUE), attempt("two", at=DUE + DAY), one=("test_a",))
    found = grade(term, MODULES, tries, Adjustments((Extension("ada", DUE + 2 * DAY, "ill"),)))
    assert (found.state, found.why) == ("not graded", "two is not graded yet")


@pytest.mark.parametrize(
    ("made", "state", "why", "counts"),
    [
        (lambda: Work("ada"), "nothing handed in", "", False),
        (lambda: Work("ada", (attempt(),)), "not graded", "the hand-in is not graded yet", False),
        (lambda: Work("ada", (attempt(),), {}, {"": "broken zip"}), "not graded", "broken zip", False),
        (
            lambda: Work("ada", (attempt(),), {"": record(fault=True)}),
            "not graded",
            "01_double/pure test_a: ",
            False,
        ),
        (lambda: Work("ada", (attempt(),), {"": record()}), "graded", "", True),
    ],
)
def test_states(made: Callable[[], Work], state: str, why: str, counts: bool) -> None:
    """Nothing handed in, not graded for a reason, and graded are told apart; only the last is a number to report."""
    found = grade(course(), MODULES, made(), Adjustments())
    assert (found.state, found.why, found.counts) == (state, why, counts)
    given = grade(course(), MODULES, made(), Adjustments((), (Override("ada", "01_double/pure", 2, "oral exam"),)))
    assert (given.counts, given.total) == (True, 2)
    if state != "graded":
        assert [given.number(key) for key in given.marks] == [2, None]
        assert given.state == state


def test_points_for_a_check_need_no_record() -> None:
    """What somebody gave for one check counts also where nothing was handed in or could be read."""
    own = Adjustments((), (Override("ada", "01_double/pure", 1, "oral exam", "test_b"),))
    for work in (Work("ada"), Work("ada", (attempt(),), {}, {"": "broken zip"})):
        found = grade(course(), MODULES, work, own)
        assert ([found.number(key) for key in found.marks], found.total) == ([1, None], 1)


def test_a_fault_that_somebody_has_decided_upon_is_none() -> None:
    """Points by hand for all that could not be graded make the learner graded; for a part of it they do not."""
    work = Work("ada", (attempt(),), {"": record(fault=True)})
    first = Override("ada", "01_double/pure", 2, "oral")
    checks = tuple(Override("ada", "02_quad/pure", 1, "oral", name) for name in ("test_a", "test_b"))
    assert grade(course(), MODULES, work, Adjustments((), (first, checks[0]))).state == "not graded"
    found = grade(course(), MODULES, work, Adjustments((), (first, *checks)))
    assert (found.state, found.why, found.total) == ("graded", "", 4)


def test_notes_on_a_hand_in_that_cannot_be_read() -> None:
    """They are the hand-in's own."""
    one = replace(attempt(), notes=("x.zip: Canvas calls it late",))
    found = grade(course(), MODULES, Work("ada", (one,), {}, {"": "broken zip"}), Adjustments())
    assert found.notes == ("x.zip: Canvas calls it late",)


def test_a_fault_in_an_attempt_that_does_not_count() -> None:
    """It keeps nobody from being graded; and a remark about times is not a number that somebody gave."""
    tries = (attempt("one", at=DUE - DAY), attempt("two", at=DUE))
    both = Work("ada", tries, {"one": record(fault=True, attempt="one"), "two": record("test_a", attempt="two")})
    assert grade(course(deadline=DUE), MODULES, both, Adjustments()).state == "graded"
    broken = Work("ada", (attempt(),), {"": record(fault=True)})
    found = grade(course(deadline=DUE), MODULES, broken, Adjustments())
    assert (found.state, found.counts) == ("not graded", False)


def test_name_and_notes_come_along() -> None:
    """The roster's name, and the notes of the attempts that count."""
    one = Work("ada", (attempt(),), {"": replace(record(), notes=("took x",))}, person=Person("ada", "Ada L"))
    found = grade(course(), MODULES, one, Adjustments())
    assert (found.name, found.notes) == ("Ada L", ("took x",))


def test_a_mark_knows_that_its_time_is_not_known() -> None:
    """Where there is a deadline and no time, for what was handed in; a step of its own time is not meant."""
    some = {"late_per_day": 1.0, "deadlines": {"02_quad": DUE}}
    for term, hand_in, wanted in (
        (course(deadline=DUE), attempt(), [True, True]),
        (course(**some), attempt(), [False, True]),
        (course(deadline=DUE), HandIn("ada", (), "", {"01_double": DUE}), [False, True]),
        (course(deadline=DUE), attempt(at=DUE), [False, False]),
        (course(), attempt(), [False, False]),
    ):
        assert [mark.undated for mark in graded(term, hand_in, "test_a").marks.values()] == wanted
    unread = grade(course(deadline=DUE), MODULES, Work("ada", (attempt(),), {}, {"": "broken"}), Adjustments())
    assert not any(mark.undated for mark in unread.marks.values())


def test_a_hand_in_that_cannot_be_read_is_no_matter_where_all_is_decided() -> None:
    """Points by hand for each module, as a whole or check by check, make the learner graded; for a part they do not."""
    work = Work("ada", (attempt(),), {}, {"": "broken zip"})
    first = Override("ada", "01_double/pure", 2, "oral")
    checks = tuple(Override("ada", "02_quad/pure", 1, "oral", name) for name in ("test_a", "test_b"))
    assert grade(course(), MODULES, work, Adjustments((), (first, checks[0]))).state == "not graded"
    found = grade(course(), MODULES, work, Adjustments((), (first, *checks)))
    assert (found.state, found.why, found.total, points(found)) == ("graded", "", 4, [2, 2])
    assert grade(course(), MODULES[:1], work, Adjustments((), (first,))).state == "graded"
    assert grade(course(), MODULES, Work("ada"), Adjustments((), (first, *checks))).state == "nothing handed in"


def test_an_attempt_that_waits_is_no_matter_for_what_is_decided() -> None:
    """Only the modules for which it may count have to be decided upon."""
    term = course(deadlines={"01_double": DUE, "02_quad": DUE + 9 * DAY})
    tries = work(attempt("one", at=DUE), attempt("two", at=DUE + DAY), one=("test_a",))
    assert grade(term, MODULES, tries, Adjustments()).state == "not graded"
    other, own = Override("ada", "01_double/pure", 2, "oral"), Override("ada", "02_quad/pure", 2, "oral")
    assert grade(term, MODULES, tries, Adjustments((), (other,))).state == "not graded"
    assert grade(term, MODULES, tries, Adjustments((), (own,))).state == "graded"


def test_points_for_a_check_say_where_they_have_no_effect() -> None:
    """Beside points for the whole module, as formgrader may give both."""
    both = (Override("ada", "01_double/pure", 1, "a", "test_b"), Override("ada", "01_double/pure", 2, "b"))
    found = graded(course(), attempt(), "test_a", overrides=both).marks["01_double/pure"]
    without = "test_b set to 1 point by hand (without effect: the points of the whole module were given by hand too): a"
    assert (found.points, found.remarks) == (2, (without, "set to 2 points by hand: b"))
