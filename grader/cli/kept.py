"""What results hold and another run into them would leave out: learners, people of the roster, modules.

Nothing is changed here. Results are about one class and one selection of modules. A run on a part of either would take
the others out of grades.csv and of the report, so `grader run` asks here first.
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
    people: tuple[str, ...] = ()  # of the roster

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
        if self.people:
            raise UserError(
                f"holds {len(self.people)} of its roster who are not on this --roster, and would lose them: "
                f"{_named(self.people)}",
                where=str(self.folder),
                next_step="give the whole roster, leave out --roster to keep the one of before, give another --out, "
                "or --replace to have the people of this one alone",
            )

    def notes(self) -> tuple[str, ...]:
        """The same for the report of a run that was told to replace."""
        return tuple(
            f"left out of these results with --replace: {_named(some)}; the records stay"
            for some in (self.learners, self.people, self.modules)
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
        if before is None:
            return Gone(folder, modules=tuple(lost))
        now = class_now(records)
        people = _people(before, now)
        learners = [one for one in _learners(before, now) if one not in people]
        return Gone(folder, tuple(learners), tuple(lost), people)


def _people(before: ClassList, now: ClassList) -> tuple[str, ...]:
    """Who was on the roster then, and is not among the people and hand-ins of now, under a new id either."""
    from grader.intake import roster as rosters

    then = {person.id: person for person in before.roster or ()}
    here = {person.id for person in now.roster or ()} | {one.learner for one in now.hand_ins}
    new = [person for person in now.roster or () if person.id not in then]
    return tuple(
        learner
        for learner, person in then.items()
        if learner not in here and not any(rosters.same(person, other) for other in new)
    )


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
