"""The frozen nouns that the units hand to one another. Imports nothing of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

PASSED: Final = "passed"
FAILED: Final = "failed"  # the learner's fault
NOT_RUN: Final = "not run"  # nobody's mistake in this check: its reason says why
FAULT: Final = "fault"  # ours, or the machine's: the submission has not been graded
Status = Literal["passed", "failed", "not run", "fault"]

OWN: Final = "own"  # the learner's own earlier steps
REFERENCE: Final = "reference"  # the reference's earlier steps under the learner's step
Chain = Literal["own", "reference"]


@dataclass(frozen=True)
class HandIn:
    """One attempt of one learner: where its parts lie, and when it was handed in, as far as that is known."""

    learner: str
    parts: tuple[tuple[str, Path], ...]  # name within the hand-in ("": its top folder), and where that lies
    attempt: str = ""  # "" where there is only one
    times: dict[str, datetime] = field(default_factory=dict)  # by step id; "" stands for all others
    notes: tuple[str, ...] = ()  # what was decided on the way here
    aliases: tuple[str, ...] = ()  # other names under which a roster may know the learner
    problem: str = ""  # why it is not graded: somebody has to decide first

    @property
    def label(self) -> str:
        """The learner, and which attempt where there are several."""
        return f"{self.learner}, {self.attempt}" if self.attempt else self.learner


@dataclass(frozen=True)
class Person:
    """One row of a roster."""

    id: str
    name: str = ""
    cells: dict[str, str] = field(default_factory=dict)  # the whole row, by column


@dataclass(frozen=True)
class Submitted:
    """When somebody handed in, as a person has said it."""

    learner: str
    time: datetime
    step: str = ""  # "": all steps


@dataclass(frozen=True)
class ClassList:
    """Who is in the class and who handed in what, as far as it was known when the class was graded."""

    hand_ins: tuple[HandIn, ...] = ()  # without their parts: where those lay is not kept
    roster: tuple[Person, ...] | None = None  # None: none was given
    refused: dict[str, str] = field(default_factory=dict)  # by label: why a hand-in is not graded
    notes: tuple[str, ...] = ()  # about the class as a whole
    times: tuple[Submitted, ...] = ()  # those of the last --times


@dataclass(frozen=True)
class HandedOut:
    """What learners were given: where it comes back as it was, it is not taken for their work."""

    stubs: dict[str, dict[str, str]] = field(default_factory=dict)  # by step and file name
    around: frozenset[str] = frozenset()  # names of the course's other Python files, in lower case


@dataclass(frozen=True)
class Submission:
    """One learner's files: `files[step id][file name]` is the source, whichever folder it was found in."""

    learner: str
    files: dict[str, dict[str, bytes]]
    notes: tuple[str, ...] = ()  # what intake decided, or could not read
    attempt: str = ""

    def digest(self) -> str:
        """SHA-256 over the names and contents of all files."""
        whole = hashlib.sha256()
        for step in sorted(self.files):
            for name in sorted(self.files[step]):
                source = self.files[step][name]
                whole.update(f"{step}/{name}\0{len(source)}\0".encode())
                whole.update(source)
        return whole.hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What one check found out. Holds no input and no expected value."""

    check: str
    status: Status
    sentence: str  # the promised behaviour
    cause: str = ""  # of a failure: wrong, raised, timed out, died, forbidden, missing
    reason: str = ""  # for the learner: why it did not pass, or which earlier steps the reference had to lend
    hint: str = ""
    chain: Chain | None = None  # the chain that it passed on
    seconds: float = 0.0  # wall time, all chains


@dataclass(frozen=True)
class ModuleResult:
    """The outcomes of one step in one track, in the order of the suite."""

    step: str
    track: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Record:
    """Everything that grading one submission found out. Scores are derived from it, and not in it."""

    learner: str
    modules: tuple[ModuleResult, ...]
    seed: int
    hashes: dict[str, str]  # SHA-256 of submission, course, suites
    sandbox: dict[str, str]  # the level that was enforced
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    grader: str = ""
    attempt: str = ""
    flags: tuple[str, ...] = ()  # what an instructor should look at; costs nothing

    @property
    def faults(self) -> list[str]:
        """Why this submission is not graded; empty when it is."""
        return [
            f"{module.step}/{module.track} {outcome.check}: {outcome.reason}"
            for module in self.modules
            for outcome in module.outcomes
            if outcome.status == FAULT
        ]


@dataclass(frozen=True)
class Extension:
    """A later deadline for one learner."""

    learner: str
    until: datetime
    reason: str
    step: str = ""  # "": all steps


@dataclass(frozen=True)
class Override:
    """Points that a person has given in place of the computed ones."""

    learner: str
    module: str  # "03_softmax/pure"
    points: float
    reason: str
    check: str = ""  # "": the points of the whole module, and no penalty is taken from them


@dataclass(frozen=True)
class Mark:
    """What counts for one module of one learner, and how it came about."""

    possible: float
    result: ModuleResult | None = None  # None: no record
    earned: float = 0.0  # by checks, overridden ones included
    points: float = 0.0  # what counts: `earned` after the penalty, or an override
    attempt: str = ""
    days_late: int = 0  # days begun after the deadline that holds for this learner
    penalty: float = 0.0  # points
    undated: bool = False  # there is a deadline, and nobody knows when it was handed in: taken as in time
    by_hand: bool = False  # whether somebody has given points for it, or for a check of it
    remarks: tuple[str, ...] = ()  # lateness, extension, override: a sentence each, with its reason

    @property
    def absent(self) -> bool:
        """Whether this module was not handed in, points given by hand or not."""
        return self.result is None or all(outcome.cause == "missing" for outcome in self.result.outcomes)

    @property
    def missing(self) -> bool:
        """Whether this module was not handed in, and nobody has given points for it."""
        return self.absent and not self.by_hand


GRADED: Final = "graded"
NOT_GRADED: Final = "not graded"  # a fault, or a hand-in that cannot be read: nobody loses marks by it
NOTHING: Final = "nothing handed in"
State = Literal["graded", "not graded", "nothing handed in"]


@dataclass(frozen=True)
class Grade:
    """Everything that counts for one learner. Derived from records: nothing in it needs learner code to run."""

    learner: str
    state: State
    marks: dict[str, Mark]  # by "01_value/pure", in the order of the course
    name: str = ""  # from the roster
    why: str = ""  # of a learner who is not graded
    notes: tuple[str, ...] = ()  # what intake decided
    flags: tuple[str, ...] = ()  # what an instructor should look at
    person: Person | None = None
    decisions: tuple[str, ...] = ()  # extensions and overrides, each with its reason

    def number(self, key: str) -> float | None:
        """The points of one module. None: there is no number, since nobody, person or program, has marked it.

        That is so for all modules of a learner who is not graded or handed in nothing, but for those for which
        somebody gave points.
        """
        mark = self.marks[key]
        return mark.points if self.state == GRADED or mark.by_hand else None

    def sum(self, keys: Iterable[str]) -> float | None:
        """The points of some modules together: of those that have a number. None: none of them has."""
        numbers = [number for key in keys if (number := self.number(key)) is not None]
        return sum(numbers) if numbers else None

    @property
    def total(self) -> float:
        """The sum of what has a number. Where `counts` is false there is none, and this 0 is not one."""
        return self.sum(self.marks) or 0

    @property
    def possible(self) -> float:
        return sum(mark.possible for mark in self.marks.values())

    @property
    def counts(self) -> bool:
        """Whether there is any number to report: the learner was graded, or somebody gave points."""
        return self.state == GRADED or any(mark.by_hand for mark in self.marks.values())
