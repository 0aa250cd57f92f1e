"""The `check` fixture: how a hidden test asks questions, and the ways in which the answer can fall short.

Trusted side. A hidden test draws its inputs from `check.rng`, asks the learner's worker and the reference worker for
the same probe's answer, and compares plain data. It never holds an object of the learner's.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from grader.marking.compare import difference
from grader.wire import Data, encode, unpack

MOST_REMEMBERED = 16 << 20  # bytes of one argument list or one result
Plain = TypeVar("Plain")


class CheckFailed(AssertionError):
    """The learner's fault. `reason` may be shown to the learner; `detail` (values) may not."""

    def __init__(self, reason: str, detail: str = "", cause: str = "wrong") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.cause = cause  # wrong, raised, timed_out, died, forbidden: see model.CAUSES


class CheckNotRun(Exception):
    """The question was not asked, for a reason that is nobody's mistake in this check (a budget used up)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GraderFault(Exception):
    """Our fault, or the machine's: it never costs marks."""


@dataclass(frozen=True)
class Raised:
    """An exception that ended a probe, described by the jail: every field is the learner's word."""

    kinds: tuple[str, ...]  # names of the exception's class and its bases, nearest first
    text: str
    reason: str  # the sentence for the learner
    loading: bool = False  # raised while a module was imported: the question was never asked


def once(function: Callable[..., Plain]) -> Callable[..., Plain]:
    """A hidden test's own calculation, plain data from plain data: made once for the same arguments.

    All learners of a run get the same inputs. Nothing is shared between two calls: each gets a copy of its own.
    """
    known: dict[bytes, bytes] = {}

    @functools.wraps(function)
    def remembered(*args: Data) -> Plain:
        key = encode(list(args), limit=MOST_REMEMBERED)
        if key not in known:
            known[key] = encode(function(*args), limit=MOST_REMEMBERED)
        found: Plain = unpack(known[key])
        return found

    return remembered


class Source(Protocol):
    """Where answers come from: a worker in the jail."""

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        """The probe's answer for each list of arguments. CheckFailed, CheckNotRun, GraderFault: there is none."""


class Check:
    """One hidden test's access to the learner's code and to the reference, for one run of the test."""

    def __init__(self, rng: random.Random, learner: Source, reference: Source) -> None:
        self.rng = rng
        self._learner = learner
        self._reference = reference

    def learner(self, probe: str, *args: Data) -> Data:
        """The learner's answer. It has the types that plain data has, and nothing else is known of it."""
        return self.learner_each(probe, [list(args)])[0]

    def learner_each(self, probe: str, cases: list[list[Data]]) -> list[Data]:
        """The learner's answer for each list of arguments: one question, which is faster than many."""
        answers = self._learner.ask(probe, cases)
        if isinstance(answers, Raised):
            raise CheckFailed(answers.reason, cause="raised")
        return answers

    def reference(self, probe: str, *args: Data) -> Data:
        """The answer of the same probe over `solutions/`."""
        return self.reference_each(probe, [list(args)])[0]

    def reference_each(self, probe: str, cases: list[list[Data]]) -> list[Data]:
        """The reference's answer for each list of arguments."""
        answers = self._reference.ask(probe, cases)
        if isinstance(answers, Raised):
            raise GraderFault(f"the reference raised {answers.kinds[0]} in probe {probe}: {answers.text}")
        return answers

    def same(self, probe: str, *args: Data, rel: float = 1e-9, abs: float = 1e-12, why: str | None = None) -> Data:
        """Ask both sides, compare strictly, and return the learner's answer, whose structure is then known."""
        return self.same_each(probe, [list(args)], rel=rel, abs=abs, why=why)[0]

    def same_each(
        self, probe: str, cases: list[list[Data]], rel: float = 1e-9, abs: float = 1e-12, why: str | None = None
    ) -> list[Data]:
        """`same` for each list of arguments, asked in one question."""
        want = self.reference_each(probe, cases)
        got = self.learner_each(probe, cases)
        self.close(got, want, rel=rel, abs=abs, why=why)
        return got

    def close(self, got: Data, want: Data, rel: float = 1e-9, abs: float = 1e-12, why: str | None = None) -> None:
        """Fail unless `got` has the types, structure and (to the tolerance) the values of `want`."""
        found = difference(got, want, rel, abs)
        if found is not None:
            raise CheckFailed(why or found.reason, f"{found.reason}; {found.detail}")

    def raises(self, kind: type[Exception], probe: str, *args: Data, why: str | None = None) -> str:
        """Fail unless the learner's code ends in `kind` or a subclass. Returns the learner's text, shortened."""
        expected = self._reference.ask(probe, [list(args)])
        if not isinstance(expected, Raised) or kind.__name__ not in expected.kinds:
            raise GraderFault(f"the reference does not raise {kind.__name__} in probe {probe}")
        answer = self._learner.ask(probe, [list(args)])
        if not isinstance(answer, Raised):
            raise CheckFailed(why or f"{kind.__name__} was expected, and nothing was raised")
        if kind.__name__ not in answer.kinds or answer.loading:
            raise CheckFailed(why or f"{kind.__name__} was expected, but: {answer.reason}", cause="raised")
        return answer.text

    def require(self, condition: bool, why: str) -> None:
        """Fail with `why` unless `condition` holds."""
        if not condition:
            raise CheckFailed(why)
