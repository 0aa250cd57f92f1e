"""What the trials of a course's mutants add up to. Trusted side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from grader.audit.equivalents import Equivalent
from grader.audit.trial import Trial
from grader.course import Module


@dataclass(frozen=True)
class Tried:
    """The trials of one module."""

    module: Module
    trials: tuple[Trial, ...]  # in the order of the mutants
    listed: tuple[Equivalent, ...]  # the equivalents of this module

    def _is_listed(self, trial: Trial) -> bool:
        return any(equivalent.is_about(trial.mutant) for equivalent in self.listed)

    @cached_property
    def wrong(self) -> list[Trial]:
        """Those that a suite ought to kill."""
        return [trial for trial in self.trials if not self._is_listed(trial)]

    @property
    def equivalent(self) -> int:
        return len(self.trials) - len(self.wrong)

    @property
    def survivors(self) -> list[Trial]:
        """Wrong programs that get full marks."""
        return [trial for trial in self.wrong if not trial.hidden]

    @property
    def unseen(self) -> list[Trial]:
        """Wrong programs that pass all public tests, so that their authors learn of it from their marks."""
        return [trial for trial in self.wrong if not trial.public]

    @property
    def slow(self) -> list[Trial]:
        """Wrong programs that the hidden suite refuses for the time they take, and for nothing else."""
        return [trial for trial in self.wrong if trial.slow]

    @property
    def not_equivalent(self) -> list[Trial]:
        """Mutants on the list that a suite kills: either the suite or the list is mistaken."""
        return [trial for trial in self.trials if self._is_listed(trial) and (trial.hidden or trial.public)]

    @property
    def faults(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.fault]

    @property
    def public_only(self) -> list[Trial]:
        """Right to the hidden suite and wrong to the public one, which thus asks for more than is marked."""
        return [trial for trial in self.survivors if trial.public]

    def kills(self) -> dict[str, tuple[int, int]]:
        """By hidden check: how many mutants it kills, and how many of these no other check does."""
        kills = Counter(check for trial in self.wrong for check in trial.hidden)
        alone = Counter(next(iter(trial.hidden)) for trial in self.wrong if len(trial.hidden) == 1)
        return {check: (kills[check], alone[check]) for check in self.module.checks}


@dataclass(frozen=True)
class Verdict:
    """The whole audit."""

    modules: tuple[Tried, ...]
    stale: tuple[Equivalent, ...]  # entries of the list about changes that no mutant makes
    seed: int
    sampled: int | None  # mutants a module; None: all
    public_share: float  # of wrong programs that public suites ought to kill

    def problems(self) -> list[str]:
        """What keeps the audit from passing, a sentence each."""
        found = [f"equivalents.toml: no mutant is as this entry says: {entry}" for entry in self.stale]
        for tried in self.modules:
            key = tried.module.key
            for trial in tried.survivors:
                found.append(f"{trial.mutant.name} survives the hidden suite: {_change(trial)}")
            for trial in tried.not_equivalent:
                killers = ", ".join([*trial.hidden, *trial.public])
                found.append(f"equivalents.toml: {trial.mutant.name} is killed by {killers}: {_change(trial)}")
            for trial in tried.faults:
                found.append(f"{trial.mutant.name} breaks a hidden test ({trial.fault}): {_change(trial)}")
            share = public(tried.wrong)
            if self.sampled is None and share < self.public_share:
                found.append(f"{key}: the public suite kills {share:.0%}, less than {self.public_share:.0%}")
        return found


def hidden(trials: Iterable[Trial]) -> float:
    """The share that the hidden suite kills; 1 where there is nothing to kill."""
    outcomes = [bool(trial.hidden) for trial in trials]
    return sum(outcomes) / len(outcomes) if outcomes else 1.0


def public(trials: Iterable[Trial]) -> float:
    """The share that the public suite kills."""
    outcomes = [bool(trial.public) for trial in trials]
    return sum(outcomes) / len(outcomes) if outcomes else 1.0


def _change(trial: Trial) -> str:
    return f"{trial.mutant.before} -> {trial.mutant.after}"
