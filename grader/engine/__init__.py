"""Where submissions are graded: processes of this machine, or the workers of a Dask cluster. Trusted side.

The same desks do the grading in both (`desk`); what is found out does not depend on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.model import HandIn, Record


@dataclass(frozen=True)
class Plan:
    """What every grading process needs to know; small, and the same for all submissions."""

    root: Path
    steps: tuple[str, ...]
    tracks: tuple[str, ...]
    seed: int
    sandbox: str


@dataclass(frozen=True)
class NotGraded:
    """A submission that could not be graded, and why."""

    hand_in: HandIn
    reason: str


class Watcher(Protocol):
    """Is told how the grading goes."""

    def busy(self, labels: list[str]) -> None:
        """Whose hand-ins are at hand; said whenever that has changed."""

    def note(self, text: str) -> None:
        """What people should know of the machines: a worker that cannot grade, a connection that is lost."""


class Unwatched:
    """Nobody wants to know."""

    def busy(self, labels: list[str]) -> None:
        pass

    def note(self, text: str) -> None:
        pass


def run(
    plan: Plan,
    hand_ins: list[HandIn],
    where: int | str,
    stop: Callable[[], bool],
    watcher: Watcher = Unwatched(),  # noqa: B008  # has no state
) -> Iterator[Record | NotGraded]:
    """Grade `hand_ins` on so many processes, or on the cluster of a Dask scheduler (its address), as they are done.

    Once `stop()` is true the submissions at hand are finished and no other is begun. Where a process or a worker dies,
    what was under way is tried once more by itself, so that one submission cannot spoil the others; if it dies again,
    that submission is not graded. UserError: the course cannot be used, or the cluster cannot.
    """
    if isinstance(where, int):
        from grader.engine import local

        return local.run(plan, hand_ins, where, stop, watcher)
    from grader.engine import cluster  # brings Dask

    return cluster.run(plan, hand_ins, where, stop, watcher)
