"""Hand-ins -> Submissions. Trusted side; learner files are read as bytes and never imported.

Which parts belong to which learner, `collect` finds out; what is in them, `read`.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from grader.errors import UserError
from grader.intake import archives, contents, places, tree
from grader.intake.bundles import opened
from grader.intake.collect import Collected, collect, single
from grader.intake.tree import Entry, Notes
from grader.model import HandedOut, HandIn, Submission

__all__ = ["Collected", "collect", "opened", "read", "single"]

NOTHING = HandedOut()  # where it is not known what learners were given
READ_SECONDS = 20  # CPU time for one hand-in; the usual one takes a hundredth of a second
DECIDE = "leave one hand-in, named so that it is clear whose it is, then run again"
MOST_ARCHIVES = 4  # in one folder: what they unpack to is in memory at once


def read(hand_in: HandIn, modules: Mapping[str, Iterable[str]], handed_out: HandedOut = NOTHING) -> Submission:
    """The files of the named steps (`modules`: step -> its module files), and what lies beside them.

    What learners were given (`handed_out`) is not taken for their work where there is work of theirs.

    UserError: a file is there and cannot be read (it is not taken as missing, since that would cost marks), two files
    claim to be the same module, a part of the hand-in is a link or gone, or somebody has to decide whose it is.
    """
    if hand_in.problem:
        raise UserError(hand_in.problem, next_step=DECIDE)
    notes = Notes()
    for note in hand_in.notes:
        notes.add(note)
    for _, path in hand_in.parts:
        _require_there(path)
    top = hand_in.parts[0][1]
    try:
        with _cpu_limit(top):
            files = _files(hand_in, modules, handed_out, notes)
            if not files:
                contents.say(hand_in, notes)
    except OSError as error:
        raise tree.unreadable(Path(error.filename or top), error) from None
    return Submission(hand_in.learner, files, notes.all(), hand_in.attempt)


def _require_there(path: Path) -> None:
    """UserError: a link, or gone."""
    if path.is_symlink():
        raise UserError(
            "is a symbolic link, and may lead to somebody else's work",
            where=str(path),
            next_step="put a copy of it in its place, or remove it",
        )
    if not path.exists():  # removed since the run began: that is not "nothing handed in"
        raise UserError("is not there any more", where=str(path), next_step="put it back, then run again")


def _files(
    hand_in: HandIn, modules: Mapping[str, Iterable[str]], handed_out: HandedOut, notes: Notes
) -> dict[str, dict[str, bytes]]:
    problems: list[UserError] = []
    top = hand_in.parts[0][1]
    if hand_in.parts[0][0] == "" and not top.is_dir():
        entries = list(archives.walk(top, _is_source, notes))
    else:
        entries = list(_opened(_listed(hand_in, notes), notes, problems))
    try:
        files = places.place(entries, modules, notes, handed_out)
    except UserError as error:
        raise error if error.where else UserError(error.what, where=str(top), next_step=error.next_step) from None
    if problems and not files:
        raise problems[0]
    for problem in problems:
        notes.left_out(problem.where, problem.what)
    return files


def _listed(hand_in: HandIn, notes: Notes) -> Iterator[tuple[Entry, Path]]:
    """The sources and archives of all parts, each with where it lies."""
    for name, path in hand_in.parts:
        if path.is_dir():
            for entry in tree.walk(path, _is_wanted, notes):
                yield Entry(PurePosixPath(name, entry.path), entry.read), path / entry.path
        elif _is_wanted(name):
            yield Entry(PurePosixPath(name), tree.Reader(path)), path


def _opened(listed: Iterable[tuple[Entry, Path]], notes: Notes, problems: list[UserError]) -> Iterator[Entry]:
    """The sources, those in archives too; why an archive could not be read goes to `problems`."""
    read = 0
    for entry, path in listed:
        if archives.stem(entry.path.name) is None:
            yield entry
            continue
        read += 1
        if read > MOST_ARCHIVES:
            notes.left_out(entry.path, f"more than {MOST_ARCHIVES} archives")
            continue
        try:
            inside = [*archives.walk(path, _is_source, notes)]
        except UserError as error:
            problems.append(UserError(error.what, where=str(entry.path), next_step=error.next_step))
        else:
            yield from (Entry(PurePosixPath(entry.path, found.path), found.read) for found in inside)


def _is_wanted(name: str) -> bool:
    return _is_source(name) or archives.stem(name) is not None


def _is_source(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in tree.SIZES or contents.is_misnamed(name)


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
