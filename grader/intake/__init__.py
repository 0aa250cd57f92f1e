"""Hand-ins -> Submissions. Trusted side; learner files are read as bytes and never imported.

A hand-in is a folder or an archive in the folder that is graded, named after its learner.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from grader.errors import UserError
from grader.intake import archives, places, tree
from grader.intake.tree import Entry, Notes
from grader.model import Submission

READ_SECONDS = 20  # CPU time for one hand-in; the usual one takes a hundredth of a second
MOST_ARCHIVES = 4  # in one folder: what they unpack to is in memory at once
NEXT = "it should hold one folder or archive per learner, each with exercises/NN_step/*.py"


def learners(folder: Path) -> list[Path]:
    """One folder or archive per learner, sorted by name. UserError: nothing to grade, or two of the same name."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise UserError(what, where=str(folder), next_step="give the folder that holds one folder per learner")
    try:
        found = sorted(path for path in folder.iterdir() if tree.is_work(path.name) and _is_hand_in(path))
    except OSError as error:
        raise tree.unreadable(folder, error) from None
    if not found:
        raise UserError("holds no folders and no archives: nothing to grade", where=str(folder), next_step=NEXT)
    if any(path.name == places.EXERCISES for path in found) or (folder / "course.toml").is_file():
        raise UserError(
            "looks like one learner's hand-in, not like a folder of them",
            where=str(folder),
            next_step=f"give the folder above it: {folder.resolve().parent}",
        )
    by_name: dict[str, Path] = {}
    for path in found:
        other = by_name.setdefault(learner_name(path), path)
        if other is not path:
            raise UserError(
                f"{tree.printable(other.name)} and {tree.printable(path.name)} are hand-ins of the same learner",
                where=str(folder),
                next_step="leave the one that counts",
            )
    return found


def _is_hand_in(path: Path) -> bool:
    return path.is_dir() or (archives.stem(path.name) is not None and path.is_file())


def learner_name(hand_in: Path) -> str:
    """The folder's or archive's name, safe to show; names stay distinct."""
    name = os.fsencode(archives.stem(hand_in.name) or hand_in.name).decode("utf-8", "surrogateescape")
    return tree.printable(name)


def read(hand_in: Path, modules: Mapping[str, Iterable[str]]) -> Submission:
    """The files of the named steps (`modules`: step -> its module files), and what lies beside them.

    UserError: a file is there and cannot be read (it is not taken as missing, since that would cost marks), two files
    claim to be the same module, or the hand-in is a link or gone.
    """
    if hand_in.is_symlink():
        raise UserError(
            "is a symbolic link, and may lead to somebody else's work",
            where=str(hand_in),
            next_step="put a copy of it in its place, or remove it",
        )
    if not hand_in.exists():  # removed since the run began: that is not "nothing handed in"
        raise UserError("is not there any more", where=str(hand_in), next_step="put it back, then run again")
    notes = Notes()
    try:
        with _cpu_limit(hand_in):
            files = _files(hand_in, modules, notes)
    except OSError as error:
        raise tree.unreadable(Path(error.filename or hand_in), error) from None
    return Submission(learner_name(hand_in), files, notes.all())


def _files(hand_in: Path, modules: Mapping[str, Iterable[str]], notes: Notes) -> dict[str, dict[str, bytes]]:
    problems: list[UserError] = []
    if hand_in.is_dir():
        entries = _with_archives(hand_in, notes, problems)
    else:
        entries = list(archives.walk(hand_in, _is_source, notes))
    try:
        files = places.place(entries, modules, notes)
    except UserError as error:
        raise error if error.where else UserError(error.what, where=str(hand_in), next_step=error.next_step) from None
    if problems and not files:
        raise problems[0]
    for problem in problems:
        notes.left_out(problem.where, problem.what)
    return files


def _with_archives(folder: Path, notes: Notes, problems: list[UserError]) -> list[Entry]:
    """The sources in a folder and in the archives in it; why an archive could not be read goes to `problems`."""
    entries: list[Entry] = []
    read = 0
    for entry in tree.walk(folder, lambda name: _is_source(name) or archives.stem(name) is not None, notes):
        if archives.stem(entry.path.name) is None:
            entries.append(entry)
            continue
        read += 1
        if read > MOST_ARCHIVES:
            notes.left_out(entry.path, f"more than {MOST_ARCHIVES} archives")
            continue
        try:
            inside = [*archives.walk(folder / entry.path, _is_source, notes)]
        except UserError as error:
            problems.append(UserError(error.what, where=str(entry.path), next_step=error.next_step))
        else:
            entries += [Entry(PurePosixPath(entry.path, found.path), found.read) for found in inside]
    return entries


def _is_source(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in tree.SIZES


class _TooLong(BaseException):
    """Raised by the clock below. No library's `except Exception` takes it for something of its own."""


@contextlib.contextmanager
def _cpu_limit(hand_in: Path) -> Iterator[None]:
    """UserError when reading takes too long: archives can be made that keep Python's own readers busy for days."""

    running = True

    def ring(number: int, frame: object) -> None:
        if running:
            raise _TooLong

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, READ_SECONDS)
    try:
        yield
    except _TooLong:
        raise UserError(
            f"takes more than {READ_SECONDS} s to read",
            where=str(hand_in),
            next_step="put what is in it into a folder of that name",
        ) from None
    finally:
        running = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
