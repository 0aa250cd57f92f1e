"""The marks of a finished `grader run` into a gradebook, and the notebooks that formgrader shows beside them.

A push writes what nbgrader's own autograder writes and nothing else: auto_score, auto_comment, needs_manual_grade, a
submission's time and extension, a notebook's late_submission_penalty. What people set in formgrader (manual_score,
extra_credit, manual_comment) it only reads, so that

    what the gradebook counts for a notebook - its late_submission_penalty == the points that count for the module

with everything that people have decided, there and in RESULTS. Imports course, model, scoring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from grader.course import Course, Module
from grader.model import PASSED, Grade, Mark
from grader.nbgrader_bridge import books, cells, given, pages, words
from grader.scoring import Adjustments, Work, due, grade, handed_in

Sources = Callable[[str, str], Mapping[str, Mapping[str, bytes]]]  # learner, attempt -> step -> file -> source
ROUNDED = 6  # digits after the point, as scoring rounds


@dataclass
class Told:
    """What a push has done."""

    pushed: int = 0  # learners whose marks are in the gradebook now
    changed: int = 0  # of them, those for whom something had to be written
    without: dict[str, str] = field(default_factory=dict)  # learner -> why there is no number
    unusable: list[str] = field(default_factory=list)  # learners whose id nbgrader cannot have
    old: list[str] = field(default_factory=list)  # without a number, with scores of an earlier push
    by_hand: int = 0  # checks whose score was set in formgrader


class Push:
    """One push. `adjustments` are what people decided in RESULTS, without what a pull has fetched from formgrader."""

    def __init__(
        self, course: Course, modules: Iterable[Module], adjustments: Adjustments, folder: books.CourseFolder, book: Any
    ) -> None:
        self.course = course
        self.modules = list(modules)
        self.adjustments = adjustments
        self.folder = folder
        self.book = book
        books.write(book, lambda: cells.require(book, folder, self.modules))
        self.released = cells.released(folder, self.modules)
        self.told = Told()

    def all(self, works: Iterable[Work], sources: Sources) -> Told:
        """Push everybody's marks, each learner's in one transaction. UserError: the gradebook cannot be written."""
        for work in works:
            if not words.usable(work.learner):
                self.told.unusable.append(work.learner)
            elif (base := self.graded(work)).counts:
                self.one(work, base, sources)
            else:
                self.told.without[work.learner] = base.why or base.state
                if self.known(work.learner):
                    self.told.old.append(work.learner)
        return self.told

    def graded(self, work: Work, more: Iterable[Any] = ()) -> Grade:
        adjustments = replace(self.adjustments, overrides=(*self.adjustments.overrides, *more))
        return grade(self.course, self.modules, work, adjustments)

    def known(self, learner: str) -> bool:
        """Whether the gradebook has something of this learner for these steps."""
        steps = {module.step for module in self.modules}

        def look() -> bool:
            return any(one.assignment.name in steps for one in self.book.student_submissions(learner))

        return books.write(self.book, look)

    def one(self, work: Work, base: Grade, sources: Sources) -> None:
        """One learner: first the gradebook, then the notebooks. Killed in between, the same command writes those."""
        written = books.write(self.book, lambda: _Learner(self, work, base).write())
        self.told.pushed += 1
        self.told.by_hand += written.by_hand
        files = sum(self.pages(work.learner, step, written, sources) for step in written.steps)
        self.told.changed += bool(written.changes or files)
        books.pause(self.book)

    def pages(self, learner: str, step: str, written: Written, sources: Sources) -> int:
        place = self.folder.place("autograded", learner, step)
        made = {}
        for module in self.modules:
            if module.step == step and module.key in written.earned:
                mark = written.grade.marks[module.key]
                source = sources(learner, mark.attempt).get(step, {}).get(module.file)
                before = pages.read(place / f"{module.name}.ipynb")
                earned = written.earned[module.key]
                made[module.name] = pages.page(self.released[module.key], module, mark, source, earned, before)
        return pages.write(self.folder, learner, step, made, written.steps[step])


@dataclass
class Written:
    """What the transaction of one learner has left in the gradebook."""

    grade: Grade  # with what was set in formgrader
    steps: dict[str, datetime | None]  # those with a submission, and when it was handed in (naive UTC)
    earned: dict[str, dict[str, float]]  # by module and check: the auto_scores
    changes: int
    by_hand: int


class _Learner:
    """The transaction of one learner."""

    def __init__(self, push: Push, work: Work, base: Grade) -> None:
        self.push = push
        self.book = push.book
        self.work = work
        self.base = base
        self.own = push.adjustments.of(work.learner)
        self.changes = 0

    def write(self) -> Written:
        self.student()
        steps = dict.fromkeys(module.step for module in self.push.modules)
        submissions = {step: found for step in steps if (found := self.submission(step)) is not None}
        modules = [module for module in self.push.modules if module.step in submissions and self.has_number(module)]
        notebooks = {module.key: self.notebook(module, submissions[module.step]) for module in modules}
        earned = {module.key: self.scores(module, notebooks[module.key]) for module in modules}
        by_hand = given.by_hand(self.book, modules, self.work.learner)
        full = self.push.graded(self.work, by_hand)
        for module in modules:
            self.settle(full, full.marks[module.key], notebooks[module.key])
        self.book.db.flush()
        times = {step: submission.timestamp for step, submission in submissions.items()}
        return Written(full, times, earned, self.changes, len(by_hand))

    def has_number(self, module: Module) -> bool:
        """Not where a module waits for the grader, or for a person: its cells stay as nbgrader makes them, ungraded."""
        return self.base.number(module.key) is not None

    def student(self) -> None:
        """Who it is. A name that the gradebook has already stays: somebody may have mended it there."""
        from nbgrader.api import MissingEntry

        known = words.person(self.work.person)
        try:
            student = self.book.find_student(self.work.learner)
        except MissingEntry:
            self.book.add_student(self.work.learner, **known)
            self.changes += 1
            return
        for field_name, value in known.items():
            if not getattr(student, field_name):
                self.set(student, field_name, value)

    def submission(self, step: str) -> Any | None:
        """The submission of a step. None: nothing of it has a number but the 0 that nbgrader gives by itself."""
        from nbgrader.api import MissingEntry

        here = [module for module in self.push.modules if module.step == step and self.has_number(module)]
        marks = [self.base.marks[module.key] for module in here]
        if not marks:
            return None
        try:
            submission = self.book.find_submission(step, self.work.learner)
        except MissingEntry:
            if all(mark.missing for mark in marks):
                return None
            with self.book.db.no_autoflush:  # nbgrader reads while its new row is not in the session yet: a warning
                submission = self.book.add_submission(step, self.work.learner)
            self.changes += 1
        self.set(submission, "timestamp", books.naive_utc(self.time(step, marks)))
        granted = self.extension(step)
        if granted is not None:
            self.set(submission, "extension", granted)
        return submission

    def time(self, step: str, marks: Iterable[Mark]) -> datetime | None:
        """When what counts for a step was handed in: the latest of its tracks' attempts. None: nobody knows."""
        counting = {mark.attempt for mark in marks if mark.result is not None}
        times = [handed_in(one, step) for one in self.work.attempts if one.attempt in counting]
        return max((time for time in times if time is not None), default=None)

    def extension(self, step: str) -> Any | None:
        """How much longer than others this learner has; None: overrides.toml says nothing, and nothing is changed."""
        term = self.push.course.term
        general, own = due(term, step, ()), due(term, step, self.own.extensions)
        return own - general if general is not None and own is not None and own != general else None

    def notebook(self, module: Module, submission: Any) -> Any:
        return self.book.find_submission_notebook(module.name, module.step, submission.student.id)

    def scores(self, module: Module, notebook: Any) -> dict[str, float]:
        """Write what each check counts; returns it. All other cells count nothing, and need nobody to look at them."""
        earned = self.earned(module, self.base.marks[module.key])
        for one in notebook.grades:
            self.set(one, "auto_score", earned.get(one.name, 0.0))
            self.set(one, "needs_manual_grade", False)
        return earned

    def earned(self, module: Module, mark: Mark) -> dict[str, float]:
        """By check: its points if it passes, or those that somebody gave. Points for a whole module are spread."""
        passed = {one.check for one in mark.result.outcomes if one.status == PASSED} if mark.result else set()
        found = {name: float(check.points) if name in passed else 0.0 for name, check in module.checks.items()}
        overrides = [one for one in self.own.overrides if one.module == module.key]
        found |= {one.check: one.points for one in overrides if one.check}
        return spread(mark.points, module) if any(not one.check for one in overrides) else found

    def settle(self, grade: Grade, mark: Mark, notebook: Any) -> None:
        """The penalty that makes the gradebook's points those that count, and the words."""
        counted = sum(given.score(one) for one in notebook.grades)
        penalty = round(counted - mark.points, ROUNDED)
        self.set(notebook, "late_submission_penalty", penalty or None)
        for one in notebook.comments:
            if one.name == cells.MODULE:
                self.set(one, "auto_comment", words.comment(mark, grade))

    def set(self, row: Any, column: str, value: Any) -> None:
        if getattr(row, column) != value:
            setattr(row, column, value)
            self.changes += 1


def spread(total: float, module: Module) -> dict[str, float]:
    """Points for a whole module as points for its checks, in proportion to what those are worth."""
    names = list(module.checks)
    share = total / module.points if module.points else 0.0
    found = {name: round(module.checks[name].points * share, ROUNDED) for name in names}
    if names:  # what rounding left over, or all of it where every check is worth nothing
        found[names[-1]] = round(total - sum(found[name] for name in names[:-1]), ROUNDED)
    return found
