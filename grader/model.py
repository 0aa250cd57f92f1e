"""The frozen nouns that the units hand to one another. Imports nothing of ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
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
class Submission:
    """One learner's files: `files[step id][file name]` is the source, whichever folder it was found in."""

    learner: str
    files: dict[str, dict[str, bytes]]
    notes: tuple[str, ...] = ()  # what intake decided, or could not read

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
    reason: str = ""  # the sentence for the learner when it did not pass
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
class Score:
    """Points per module, in the order of the course."""

    earned: dict[str, float] = field(default_factory=dict)  # "01_value/pure" -> points
    possible: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.earned.values())
