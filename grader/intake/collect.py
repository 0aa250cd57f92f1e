"""A folder of hand-ins, as whatever platform left it -> the class's HandIns. Trusted side; no file of theirs is read.

Whose a part is, is told by its name or by the list beside it, and each decision that is not the plain one is noted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.errors import UserError
from grader.intake import archives, places, schemes, tree
from grader.intake.tree import Notes
from grader.model import HandIn

NEXT = "it should hold one folder or archive per learner, each with exercises/NN_step/*.py"
SUBMITTED = "submitted"  # of an nbgrader course: submitted/<learner>/<assignment>/
NBGRADER = "nbgrader_config.py"  # beside it
TIMESTAMP = "timestamp.txt"  # in each of those assignments
MOST_TIMESTAMP = 100  # bytes


@dataclass(frozen=True)
class Collected:
    """What a folder of hand-ins holds: the attempts, sorted by learner and time, and what was left out of the class."""

    hand_ins: tuple[HandIn, ...]
    notes: tuple[str, ...] = ()


def collect(folder: Path, steps: Iterable[str] = (), attempts: bool = False) -> Collected:
    """The attempts of all learners. UserError: there is nothing to grade, or two hand-ins claim to be the same.

    `attempts`: folders in a learner's own folder that are called after attempts or times are that. It has to be asked
    for, since the names in a hand-in may be the learner's.
    """
    if not folder.is_dir():
        what = "is not a folder or archive" if folder.exists() else "does not exist"
        raise UserError(what, where=str(folder), next_step="give the folder that holds one folder per learner")
    if (folder / SUBMITTED).is_dir() and (folder / NBGRADER).is_file():
        folder = folder / SUBMITTED
    notes = Notes()
    try:
        found = sorted(path for path in folder.iterdir() if tree.is_work(path.name))
        _refuse_single(folder, found, set(steps))
        if (folder / schemes.METADATA).is_file():
            hand_ins = list(_gradescope(folder, found))
        else:
            hand_ins = _merged(folder, _named(folder, found, notes))
        hand_ins = _classroom(folder, hand_ins)
        if attempts:
            hand_ins = [attempt for one in hand_ins for attempt in _attempts(one)]
    except OSError as error:
        raise tree.unreadable(folder, error) from None
    if not hand_ins:
        raise UserError("holds no folders and no archives: nothing to grade", where=str(folder), next_step=NEXT)
    return Collected(_distinct(folder, hand_ins), notes.all())


def _refuse_single(folder: Path, found: list[Path], steps: set[str]) -> None:
    """UserError: this is one learner's work."""
    if any(path.name in {places.EXERCISES, *steps} for path in found) or (folder / "course.toml").is_file():
        raise UserError(
            "looks like one learner's hand-in, not like a folder of them",
            where=str(folder),
            next_step=f"give the folder above it: {folder.resolve().parent}",
        )


def _named(folder: Path, found: list[Path], notes: Notes) -> Iterator[HandIn]:
    """The learners' folders and archives, and the parts that a platform has put side by side."""
    files = [path for path in found if not path.is_dir() and (_is_source(path) or archives.stem(path.name))]
    from_canvas = 2 * sum(schemes.canvas(_name(path)) is not None for path in files) > len(files)
    for path in found:
        is_folder = path.is_dir()
        known = schemes.moodle(_name(path)) or (schemes.canvas(_name(path)) if from_canvas and not is_folder else None)
        if not is_folder and path not in files:
            if known is not None:
                notes.left_out(path.name, "neither a source nor an archive")
        elif known is not None:
            if known.doubt:
                notes.add(f"{path.name}: {known.doubt}")
            yield _part(path, known, is_folder)
        elif is_folder or archives.stem(path.name) is not None:
            yield HandIn(learner_name(path), (("", path),), times=_timestamps(folder, path))
        else:
            notes.left_out(path.name, "its name does not say whose it is")


def _part(path: Path, named: schemes.Named, is_folder: bool) -> HandIn:
    """A file or folder that a platform has named."""
    inside = "" if is_folder else schemes.original(named.file) or path.name
    notes = [f"{path.name}: {said}" for said in (named.note, named.doubt) if said]
    notes += [f"took {inside} from {path.name}"] if inside and inside != named.file else []
    aliases = tuple(map(tree.printable, named.aliases))
    return HandIn(_safe(named.learner), ((inside, path),), notes=tuple(map(tree.printable, notes)), aliases=aliases)


def _merged(folder: Path, hand_ins: Iterable[HandIn]) -> list[HandIn]:
    """The parts of each learner together, where a platform has put each file into the class's folder."""
    by_learner: dict[str, list[HandIn]] = {}
    for one in hand_ins:
        others = by_learner.setdefault(one.learner, [])
        if others and not (others[0].aliases and one.aliases):
            raise _twice(folder, others[0], one)
        others.append(one)
    return [_whole(parts) for parts in by_learner.values()]


def _whole(hand_ins: list[HandIn]) -> HandIn:
    """One hand-in of all parts. Parts of the same name keep the platform's name as a folder, to be told apart."""
    parts = [part for one in hand_ins for part in one.parts]
    names = [name for name, _ in parts]
    apart = [(f"{path.name}/{name}" if names.count(name) > 1 else name, path) for name, path in parts]
    if len(apart) == 1 and archives.stem(parts[0][1].name) is not None:
        apart = [("", parts[0][1])]
    notes = tuple(dict.fromkeys(note for one in hand_ins for note in one.notes))
    return replace(hand_ins[0], parts=tuple(apart), notes=notes)


def _is_source(path: Path) -> bool:
    return path.suffix.lower() in tree.SIZES


def _gradescope(folder: Path, found: list[Path]) -> Iterator[HandIn]:
    """One hand-in for each learner who is named in Gradescope's list; folders that are not in it keep their names."""
    listed = schemes.gradescope(folder)
    for path in found:
        if not path.is_dir() and archives.stem(path.name) is None:
            continue
        for person in listed.get(path.name, ()):
            times = {"": person.submitted} if person.submitted else {}
            yield HandIn(
                _safe(person.learner),
                (("", path),),
                _safe(path.name),
                times,
                (f"from {_safe(path.name)}",),
                person.aliases,
            )
        if path.name not in listed:
            note = f"{schemes.METADATA} does not say whose this is"
            yield HandIn(learner_name(path), (("", path),), notes=(note,))


def _classroom(folder: Path, hand_ins: list[HandIn]) -> list[HandIn]:
    """Clones without the assignment's name, which all of them begin with."""
    tops = [one.parts[0][1] for one in hand_ins if len(one.parts) == 1]
    if len(tops) < len(hand_ins) or not all((top / ".git").exists() for top in tops):
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
    if hand_in.aliases or hand_in.attempt or hand_in.times or top.is_symlink() or not top.is_dir():
        return [hand_in]
    try:
        inside = [path for path in top.iterdir() if tree.is_work(path.name)]
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


def _distinct(folder: Path, hand_ins: list[HandIn]) -> tuple[HandIn, ...]:
    """Sorted, a learner's attempts by time. UserError: two of one learner that are not told apart."""
    seen: dict[tuple[str, str], HandIn] = {}
    alone = {}
    for one in hand_ins:
        other = seen.setdefault((one.learner, one.attempt), one)
        if other is not one:
            raise _twice(folder, other, one)
        alone[one.learner] = one.learner not in alone
    # an attempt is named only where there are several
    single = [replace(one, attempt="") if alone[one.learner] else one for one in hand_ins]
    return tuple(sorted(single, key=lambda one: (one.learner, _when(one))))


def _when(hand_in: HandIn) -> float:
    return min((time.timestamp() for time in hand_in.times.values()), default=0.0)


def _twice(folder: Path, one: HandIn, other: HandIn) -> UserError:
    names = " and ".join(tree.printable(hand_in.parts[0][1].name) for hand_in in (one, other))
    return UserError(
        f"{names} are hand-ins of the same learner", where=str(folder), next_step="leave the one that counts"
    )


def _timestamps(folder: Path, learner: Path) -> dict[str, datetime]:
    """When each assignment was handed in, in nbgrader's submitted/ tree alone: elsewhere learners could write these."""
    if folder.name != SUBMITTED:
        return {}
    times = {}
    for file in learner.glob(f"*/{TIMESTAMP}"):
        if file.is_symlink() or not file.is_file():
            continue
        with file.open("rb") as opened:
            time = schemes.moment(opened.read(MOST_TIMESTAMP).decode("utf-8", "replace"))
        if time is not None:
            times[file.parent.name] = time
    return times


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
