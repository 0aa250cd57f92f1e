"""What results hold and another run into them would leave out: learners and modules. Nothing is changed here.

Results are about one class and one selection of modules. A run on a part of either would take the others out of
grades.csv and of the report, so `grader run` asks here first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UserError

if TYPE_CHECKING:
    from grader.model import ClassList
    from grader.store import Store

MOST_NAMED = 10  # learners or modules in one sentence


@dataclass(frozen=True)
class Gone:
    """What a run would leave out of the results in a folder."""

    folder: Path
    learners: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()

    def refuse(self) -> None:
        """UserError: there is something."""
        if self.modules:
            raise UserError(
                f"holds grades of modules that are not in this selection, and would lose them: {_named(self.modules)}",
                where=str(self.folder),
                next_step="leave out --step and --track (what is unchanged is not graded again), give another --out, "
                "or --replace to have these modules alone",
            )
        if self.learners:
            raise UserError(
                f"holds {len(self.learners)} who handed in and are not in SUBMISSIONS now, and would lose them: "
                f"{_named(self.learners)}",
                where=str(self.folder),
                next_step="give all hand-ins again (what is unchanged is not graded again), give another --out, "
                "or --replace to have these learners alone",
            )

    def notes(self) -> tuple[str, ...]:
        """The same for the report of a run that was told to replace."""
        return tuple(
            f"left out of these results with --replace: {_named(some)}; the records stay"
            for some in (self.learners, self.modules)
            if some
        )


def gone(folder: Path, modules: Iterable[str], class_now: Callable[[Store], ClassList]) -> Gone:
    """What a run on these modules (keys) and this class would leave out. UserError: the folder's results are in use."""
    from grader import store

    if not (folder / "run.json").is_file():
        return Gone(folder)
    with store.reopen(folder) as records:
        before = records.load_class()
        lost = [str(key) for key in records.settings.get("modules", ()) if key not in set(modules)]
        return Gone(folder, _learners(before, class_now(records)) if before is not None else (), tuple(lost))


def _learners(before: ClassList, now: ClassList) -> tuple[str, ...]:
    """Who handed in then and is not here now, also not under the id that the roster of now has for them."""
    from grader.intake import roster as rosters

    here = {one.learner for one in now.hand_ins}
    # whose a hand-in with a problem was, was not known: when that is decided, nobody is lost
    known = {one.learner: one for one in before.hand_ins if one.learner not in here and not one.problem}
    lost = []
    for learner, hand_in in known.items():
        found = rosters.match([hand_in], list(now.roster or ())).hand_ins  # several: it may be any of these people's
        if not any(one.learner in here for one in found):
            lost.append(learner)
    return tuple(sorted(lost))


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
