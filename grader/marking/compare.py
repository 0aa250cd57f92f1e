"""Strict comparison of plain data: exact types, structure, finite, then values.

Trusted side; imports nothing of ours. `NaN` and empty lists satisfy `max`, `any`, `zip` and `not ... > tolerance`,
and a subclass of float can lie about equality, so nothing here relies on any of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from grader.wire import Data


@dataclass(frozen=True)
class Difference:
    """Why two data differ: `reason` may be shown to a learner, `detail` (values) to instructors only."""

    reason: str
    detail: str


def difference(got: Data, want: Data, rel: float, abs_: float, path: str = "answer") -> Difference | None:
    """The first difference of structure, else the largest difference of value, else None.

    Floats agree when |got - want| <= max(rel * |want|, abs_). Everything else has to be equal and of the same type.
    """
    if _agrees(got, want, rel, abs_):
        return None
    pairs: list[tuple[str, float, float]] = []
    problem = _structure(got, want, path, pairs)
    if problem is not None:
        return problem
    worst: tuple[float, str, float, float] | None = None
    for where, g, w in pairs:
        if not math.isfinite(g) and math.isfinite(w):
            kind = "not a number (NaN)" if math.isnan(g) else "infinite"
            return Difference(f"the answer holds a value that is {kind}", f"{where}: got {g}, expected {w}")
        if g == w or (math.isnan(g) and math.isnan(w)):
            continue
        gap = abs(g - w)
        if not gap <= max(rel * abs(w), abs_) and (worst is None or gap > worst[0]):
            worst = (gap, where, g, w)
    if worst is None:
        return None
    gap, where, g, w = worst
    return Difference("the answer has a wrong value", f"{where}: got {g!r}, expected {w!r} (off by {gap:.3g})")


def _agrees(got: Data, want: Data, rel: float, abs_: float) -> bool:
    """Whether there is certainly no difference; the usual case, so it is quick. NaN never agrees here."""
    if type(got) is not type(want):
        return False
    if type(want) is list:
        return len(got) == len(want) and _all_agree(got, want, rel, abs_)
    if type(want) is dict:
        return list(got) == list(want) and _all_agree(got.values(), want.values(), rel, abs_)
    if type(want) is float:
        return _all_agree([got], [want], rel, abs_)
    same: bool = got == want
    return same


def _all_agree(got: Iterable[Data], want: Iterable[Data], rel: float, abs_: float) -> bool:
    """The same for the members of two lists or dicts of equal length; one loop, since most of them are floats."""
    for g, w in zip(got, want, strict=True):
        if type(g) is float and type(w) is float:
            if g != w:
                gap = abs(g - w)
                if not (gap <= abs_ or gap <= rel * abs(w) < math.inf):
                    return False
        elif not _agrees(g, w, rel, abs_):
            return False
    return True


def _structure(got: Data, want: Data, path: str, pairs: list[tuple[str, float, float]]) -> Difference | None:
    """Compare everything but floats, and collect the floats."""
    if type(got) is not type(want):
        names = type(got).__name__, type(want).__name__
        return Difference("the answer has a wrong type: {} where {} belongs".format(*names), f"{path}: {names}")
    if type(want) is float:
        pairs.append((path, got, want))
    elif type(want) is list:
        if len(got) != len(want):
            return Difference("the answer has a wrong length", f"{path}: got {len(got)} items, expected {len(want)}")
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            problem = _structure(g, w, f"{path}[{i}]", pairs)
            if problem is not None:
                return problem
    elif type(want) is dict:
        if list(got) != list(want):
            return Difference("the answer has wrong parts", f"{path}: got {list(got)}, expected {list(want)}")
        for key in want:
            problem = _structure(got[key], want[key], f"{path}[{key!r}]", pairs)
            if problem is not None:
                return problem
    elif got != want:
        return Difference("the answer has a wrong value", f"{path}: got {got!r}, expected {want!r}")
    return None
