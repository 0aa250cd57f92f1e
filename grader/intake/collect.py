"""A folder of hand-ins, as whatever platform left it -> the class's HandIns. Trusted side; no file of theirs is read.

Whose a part is, is told by its name or by the list beside it, and each decision that is not the plain one is noted.
Where it cannot be told which of several hand-ins counts, that learner alone is not graded.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.errors import UserError
from grader.intake import archives, classes, contents, schemes, tree
from grader.intake.classes import NBGRADER, SUBMITTED
from grader.intake.tree import Notes
from grader.model import HandIn

NEXT = "it should hold one folder or archive per learner, each with exercises/NN_step/*.py"
TIMESTAMP = "timestamp.txt"  # in each of those assignments
MOST_TIMESTAMP = 100  # bytes
RESULTS = ("run.json", "records")  # of an output folder of `grader run`
SEVERAL = "holds the hand-ins of several learners, by their names: it is a class, and not one learner's"
UNSAID = f"{schemes.METADATA} does not say whose this is"


@dataclass(frozen=True)
class Collected:
    """What a folder of hand-ins holds: the attempts, sorted by learner and time, and what was left out of the class."""

    hand_ins: tuple[HandIn, ...]
    notes: tuple[str, ...] = ()


def collect(folder: Path, steps: Iterable[str] = (), attempts: bool = False) -> Collected:
    """The attempts of all learners. UserError: there is nothing to grade, or it is one learner's.

    `attempts`: folders in a learner's own folder that are called after attempts or times are that. It has to be asked
    for, since the names in a hand-in may be the learner's.
    """
    if not folder.is_dir():
        what = "is not a folder or archive" if folder.exists() else "does not exist"
        raise UserError(what, where=str(folder), next_step="give the folder that holds one folder per learner")
    if (folder / SUBMITTED).is_dir() and (folder / NBGRADER).is_file():
        folder = folder / SUBMITTED
    notes = Notes()
    known = tuple(steps)
    try:
        found = list(_work(folder, notes))
        if is_one_learners(found, known):
            raise one_learners(folder, folder.resolve().parent)
        if (folder / schemes.METADATA).is_file():
            hand_ins = list(_gradescope(folder, found))
        else:
            hand_ins = _merged(_named(folder, found, known, notes))
        hand_ins = _classroom(folder, hand_ins)
        if attempts:
            hand_ins = [attempt for one in hand_ins for attempt in _attempts(one)]
    except OSError as error:
        raise tree.unreadable(folder, error) from None
    if not hand_ins:
        raise UserError("holds no folders and no archives: nothing to grade", where=str(folder), next_step=NEXT)
    return Collected(_distinct(hand_ins), notes.all())


def _work(folder: Path, notes: Notes) -> Iterator[Path]:
    """What is in the class's folder, without what `grader run` has put there."""
    for path in sorted(folder.iterdir()):
        if is_results(path):
            notes.left_out(path.name, "it holds the results of a grader run")
        elif tree.is_work(path.name):
            yield path


def is_results(path: Path) -> bool:
    """Whether `grader run` has made this folder."""
    return all(_holds(path, name) for name in RESULTS)


def _holds(folder: Path, name: str) -> bool:
    """Whether something of this name is in a folder; one that may not be looked into is told of when it is read."""
    try:
        return (folder / name).exists()
    except OSError:
        return False


def is_one_learners(found: Iterable[Path], steps: Iterable[str]) -> bool:
    """Whether a folder in which this was found is one learner's, and not the class's."""
    return classes.is_one_learners((path.name for path in found), steps)


def one_learners(where: Path, above: Path) -> UserError:
    return UserError(
        "looks like one learner's hand-in, not like a folder of them",
        where=str(where),
        next_step=f"give the folder above it: {above}",
    )


def _named(folder: Path, found: list[Path], steps: tuple[str, ...], notes: Notes) -> Iterator[HandIn]:
    """The learners' folders and archives, and the parts that a platform has put side by side."""
    files = [path for path in found if not path.is_dir()]
    telling = [path for path in files if may_hold_work(path)] or files  # beside a class's work lies all sorts of things
    from_canvas = 2 * sum(schemes.canvas(_name(path)) is not None for path in telling) > len(telling)
    for path in found:
        is_folder = path.is_dir()
        known = schemes.moodle(_name(path)) or (schemes.canvas(_name(path)) if from_canvas and not is_folder else None)
        if known is not None:
            if not may_hold_work(path) and not contents.is_misnamed(schemes.original(known.file)):
                notes.left_out(path.name, "neither a source nor an archive")
            if known.doubt:
                notes.add(f"{path.name}: {known.doubt}")
            yield _part(path, known, is_folder)
        elif is_folder or archives.stem(path.name) is not None:
            times, said = _timestamps(folder, path, steps)
            problem = SEVERAL if classes.is_class(path, steps) else ""
            yield HandIn(learner_name(path), (("", path),), times=times, notes=said, problem=problem)
        elif is_source(path):
            notes.left_out(path.name, "its name does not say whose it is")


def _part(path: Path, named: schemes.Named, is_folder: bool) -> HandIn:
    """A file or folder that a platform has named."""
    inside = "" if is_folder else schemes.original(named.file) or path.name
    notes = [f"{path.name}: {said}" for said in (named.note, named.doubt) if said]
    notes += [f"took {inside} from {path.name}"] if inside and inside != named.file else []
    aliases = tuple(map(tree.printable, named.aliases))
    return HandIn(_safe(named.learner), ((inside, path),), notes=tuple(map(tree.printable, notes)), aliases=aliases)


def _merged(hand_ins: Iterable[HandIn]) -> list[HandIn]:
    """The parts of each learner together, where a platform has put each of them into the class's folder."""
    by_learner: dict[str, list[HandIn]] = {}
    for one in hand_ins:
        by_learner.setdefault(one.learner, []).append(one)
    return [
        _whole(parts) if len(parts) == 1 or all(one.aliases for one in parts) else _twice(parts)
        for parts in by_learner.values()
    ]


def _whole(hand_ins: list[HandIn]) -> HandIn:
    """One hand-in of all parts. Parts of the same name keep the platform's name as a folder, to be told apart.

    What cannot hold work, nor may be meant as work, is a part only where there is nothing else: then something was
    handed in all the same.
    """
    whole = _together(hand_ins)
    parts = [(name, path) for name, path in whole.parts if _may_be_work(name, path)] or list(whole.parts)
    names = Counter(name for name, _ in parts)
    apart = [(f"{path.name}/{name}".rstrip("/") if names[name] > 1 else name, path) for name, path in parts]
    if len(apart) == 1 and archives.stem(parts[0][1].name) is not None:
        apart = [("", parts[0][1])]
    return replace(whole, parts=tuple(apart))


def _together(hand_ins: list[HandIn]) -> HandIn:
    return replace(
        hand_ins[0],
        parts=tuple(part for one in hand_ins for part in one.parts),
        notes=tuple(dict.fromkeys(note for one in hand_ins for note in one.notes)),
        aliases=tuple(dict.fromkeys(alias for one in hand_ins for alias in one.aliases)),
    )


def undecided(hand_ins: list[HandIn], problem: str) -> HandIn:
    """Hand-ins of which it cannot be told which counts, as one: it is not graded until somebody has decided."""
    return replace(_together(hand_ins), attempt="", problem=problem)


def may_hold_work(path: Path) -> bool:
    return path.is_dir() or is_source(path) or archives.stem(path.name) is not None


def _may_be_work(name: str, path: Path) -> bool:
    return may_hold_work(path) or contents.is_misnamed(name)


def is_source(path: Path) -> bool:
    return path.suffix.lower() in tree.SIZES


def _gradescope(folder: Path, found: list[Path]) -> Iterator[HandIn]:
    """One hand-in for each learner who is named in Gradescope's list; folders that are not in it keep their names."""
    listed = schemes.gradescope(folder)
    for path in found:
        if not path.is_dir() and archives.stem(path.name) is None:
            continue
        for person in listed.get(path.name, ()):
            times = {"": person.submitted} if person.submitted else {}
            if not person.learner:
                yield HandIn(learner_name(path), (("", path),), times=times, notes=(UNSAID,))
                continue
            yield HandIn(
                _safe(person.learner),
                (("", path),),
                _safe(path.name),
                times,
                (f"from {_safe(path.name)}",),
                person.aliases,
            )
        if path.name not in listed:
            yield HandIn(learner_name(path), (("", path),), notes=(UNSAID,))


def _classroom(folder: Path, hand_ins: list[HandIn]) -> list[HandIn]:
    """Clones without the assignment's name, which all of them begin with."""
    if not all(any(_holds(path, ".git") for _, path in one.parts) for one in hand_ins):
        return hand_ins
    prefix = schemes.classroom_prefix(folder, [one.learner for one in hand_ins])
    if not prefix:
        return hand_ins
    note = f"the repository's name is taken without {prefix}"
    return [
        replace(
            one,
            learner=one.learner.removeprefix(prefix) or one.learner,
            notes=(*one.notes, note),
            aliases=(one.learner,),
        )
        for one in hand_ins
    ]


def _attempts(hand_in: HandIn) -> list[HandIn]:
    """The attempts in a learner's folder, if all it holds is named after attempts; else the hand-in itself."""
    top = hand_in.parts[0][1]
    if hand_in.problem or hand_in.aliases or hand_in.attempt or hand_in.times or top.is_symlink() or not top.is_dir():
        return [hand_in]
    try:
        inside = [path for path in top.iterdir() if tree.is_work(path.name) and may_hold_work(path)]
    except OSError:  # said when it is read
        return [hand_in]
    named = [(schemes.attempt(archives.stem(path.name) or path.name), path) for path in inside]
    if not inside or any(known is None or not _holds_work(path) for known, path in named):
        return [hand_in]
    return [
        replace(
            hand_in,
            parts=(("", path),),
            attempt=learner_name(path),
            times={"": known[1]} if known[1] else hand_in.times,
        )
        for known, path in sorted(named, key=_order)
        if known is not None
    ]


def _holds_work(path: Path) -> bool:
    return path.is_dir() or archives.stem(path.name) is not None


def _order(named: tuple[tuple[int, datetime | None] | None, Path]) -> tuple[float, int, str]:
    known, path = named
    number, time = known or (0, None)
    return (time.timestamp() if time else 0.0, number, path.name)


def _distinct(hand_ins: list[HandIn]) -> tuple[HandIn, ...]:
    """Sorted, a learner's attempts by time; several that are not told apart are one that is not graded."""
    same: dict[tuple[str, str], dict[tuple[tuple[str, Path], ...], HandIn]] = {}
    for one in hand_ins:
        same.setdefault((one.learner, one.attempt), {})[one.parts] = one
    distinct = [
        replace(_twice([*claims.values()]), attempt=attempt) if len(claims) > 1 else next(iter(claims.values()))
        for (_, attempt), claims in same.items()
    ]
    attempts = Counter(one.learner for one in distinct)
    # an attempt is named only where there are several
    named = [replace(one, attempt="") if attempts[one.learner] == 1 else one for one in distinct]
    return tuple(sorted(named, key=lambda one: (one.learner, _when(one))))


def _when(hand_in: HandIn) -> float:
    return min((time.timestamp() for time in hand_in.times.values()), default=0.0)


def _twice(hand_ins: list[HandIn]) -> HandIn:
    names = sorted(tree.printable(path.name) for one in hand_ins for _, path in one.parts)
    return undecided(hand_ins, f"{' and '.join(names)} are hand-ins of the same learner")


def _timestamps(folder: Path, learner: Path, steps: tuple[str, ...]) -> tuple[dict[str, datetime], tuple[str, ...]]:
    """When each step was handed in, in nbgrader's submitted/ tree alone: elsewhere learners could write these.

    An assignment is called after its step; else its time is that of the steps whose files lie in it, with a note. Of
    two times for one step the later holds.
    """
    named: dict[str, datetime] = {}
    within: dict[str, datetime] = {}
    notes = []
    for assignment, text in sorted(_stamped(learner)) if folder.name == SUBMITTED else ():
        time = schemes.moment(text)
        if time is None:
            what = f"{assignment.name}: its {TIMESTAMP} is not understood: {text.strip() or 'it is empty'}"
            notes.append(tree.printable(what))
            continue
        step = schemes.step_of(assignment.name, steps)
        if step is not None:
            named[step] = max(time, named.get(step, time))
            continue
        holds = _steps_in(assignment, steps)
        for other in holds or [""]:
            within[other] = max(time, within.get(other, time))
        what = ", ".join(holds) or "all that has no other time"
        notes.append(f"{tree.printable(assignment.name)} is called after no step: its time is taken for {what}")
    return within | named, tuple(notes)


def _stamped(learner: Path) -> Iterator[tuple[Path, str]]:
    """The assignments that have a time, as it is written there."""
    for file in learner.glob(f"*/{TIMESTAMP}"):
        if file.is_symlink() or not file.is_file():
            continue
        with file.open("rb") as opened:
            yield file.parent, opened.read(MOST_TIMESTAMP).decode("utf-8", "replace")


def _steps_in(assignment: Path, steps: Collection[str]) -> list[str]:
    """The steps whose files lie in a folder, as their names tell; none: that cannot be told."""
    try:
        entries = list(tree.walk(assignment, lambda name: is_source(Path(name)), Notes()))
    except (UserError, OSError):  # said when it is read
        return []
    found = {schemes.step_of_file(entry.path, steps) for entry in entries}
    return [step for step in steps if step in found]


def _name(path: Path) -> str:
    return os.fsencode(path.name).decode("utf-8", "surrogateescape")


def _safe(name: str) -> str:
    """A learner's name that can be shown and be a file's name."""
    return tree.printable(name.replace("/", "_"))


def single(path: Path) -> HandIn:
    """The hand-in that is this folder or archive."""
    return HandIn(learner_name(path), (("", path),))


def learner_name(path: Path) -> str:
    """The folder's or archive's name, safe to show; names stay distinct."""
    return tree.printable(archives.stem(_name(path)) or _name(path))
