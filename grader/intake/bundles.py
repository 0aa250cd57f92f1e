"""One archive of all hand-ins, as platforms export a class: unpacked for the length of a run. Trusted side.

The archive itself is a platform's work, but names and contents in it are the learners': sizes are capped, only regular
files are written, and none outside of the folder made for them. Of files that cannot be graded the names alone are.
"""

from __future__ import annotations

import contextlib
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from grader.errors import UserError
from grader.intake import archives, classes, schemes, tree
from grader.intake.classes import NBGRADER, SUBMITTED
from grader.intake.collect import TIMESTAMP, is_one_learners, is_results, is_source, one_learners

MOST_MEMBERS = 2_000_000
MOST_UNPACKED = 16 << 30  # bytes
MOST_NAMED = 5
CHUNK = 1 << 20


@contextlib.contextmanager
def opened(submissions: Path, steps: Iterable[str] = ()) -> Iterator[Path]:
    """The folder of hand-ins: `submissions` itself, or what is in it if it is an archive, until the block ends.

    A folder that holds nothing but a class, as a folder or archive, stands for that. UserError: it holds several, it
    cannot be read, or there is no room for it.
    """
    if submissions.is_dir():
        inner = _class_in(submissions, tuple(steps))
        if inner.is_dir():
            yield inner
        else:
            with opened(inner, steps) as folder:
                yield folder
        return
    if not submissions.is_file() or archives.stem(submissions.name) is None:
        yield submissions
        return
    with tempfile.TemporaryDirectory(prefix="grader-hand-ins-") as temporary:
        folder = Path(temporary, archives.stem(submissions.name) or "")
        folder.mkdir()
        try:
            _unpack(submissions, folder)
        except (*archives.BROKEN, shutil.Error) as error:
            raise archives.broken(submissions, error) from None
        try:
            with opened(_hand_ins(folder, submissions, tuple(steps)), steps) as inner:
                yield inner
        except UserError as error:  # said of a place that is gone when it is read
            where, next_step = (
                text.replace(str(folder), submissions.name).replace(temporary, str(submissions.resolve().parent))
                for text in (error.where, error.next_step)
            )
            raise UserError(error.what, where=where, next_step=next_step) from None


def _unpack(archive: Path, folder: Path) -> None:
    if archive.name.lower().endswith(archives.ZIP):
        with zipfile.ZipFile(archive) as whole:
            _write(archive, _zipped(whole), folder)
    elif archive.name.lower().endswith(archives.TAR):
        with tarfile.open(archive, tarinfo=archives.Bounded) as tar:
            _write(archive, _tarred(tar), folder)
    else:
        raise UserError("is packed in a way that is not read here", where=str(archive), next_step="unpack it yourself")


Members = Iterator[tuple[str, bool, "partial[IO[bytes]]"]]  # name, a folder?, how to open it


def _zipped(whole: zipfile.ZipFile) -> Members:
    for member in whole.infolist():
        mode = member.external_attr >> 28
        if member.is_dir() or mode in (0, 0o10):  # 0o10: a regular file, in the Unix half
            yield member.filename, member.is_dir(), partial(whole.open, member)


def _tarred(whole: tarfile.TarFile) -> Members:
    for member in whole:
        if member.isdir() or member.isreg():
            yield member.name, member.isdir(), cast("partial[IO[bytes]]", partial(whole.extractfile, member))
    archives.ended(whole)


def _write(archive: Path, members: Members, folder: Path) -> None:
    """UserError: too many, too much, or no room."""
    left = MOST_UNPACKED
    for number, (name, is_folder, opening) in enumerate(members):
        if number >= MOST_MEMBERS:
            raise archives.too_large(archive, f"holds more than {MOST_MEMBERS:,} files")
        place = archives.place_of(name)
        if place is None or not all(tree.is_work(part) for part in place.parts):
            continue
        target = folder.joinpath(*place.parts)
        try:
            (target if is_folder else target.parent).mkdir(parents=True, exist_ok=True)
            most = 0 if is_folder else _most(place)
            if most:
                with opening() as source, target.open("wb") as out:
                    left -= _copied(source, out, min(most, left + 1))
            elif not is_folder:
                with contextlib.suppress(OSError):  # a name that cannot be written costs nobody anything
                    target.touch()
        except RuntimeError as error:  # how zipfile says that it is encrypted
            raise archives.broken(archive, error) from None
        except OSError as error:
            raise UserError(
                f"{tree.printable(name)} in it cannot be unpacked: {error.strerror or error}",
                where=str(archive),
                next_step="make room where temporary files go (TMPDIR), or unpack it yourself and give the folder",
            ) from None
        if left < 0:
            raise archives.too_large(archive, f"unpacks to more than {MOST_UNPACKED >> 30} GiB")


def _most(place: PurePosixPath) -> int:
    """How much of a file is unpacked: one byte more than what is read of it later; 0: it is not wanted."""
    if place.name in (schemes.METADATA, TIMESTAMP):
        return schemes.MOST_METADATA + 1
    if archives.stem(place.name) is not None:
        return archives.MAX_ARCHIVE + 1
    return tree.SIZES[place.suffix.lower()] + 1 if place.suffix.lower() in tree.SIZES else 0


def _copied(source: IO[bytes], out: IO[bytes], most: int) -> int:
    """Copy at most so many bytes; how many it was."""
    left = most
    while left and (chunk := source.read(min(CHUNK, left))):
        out.write(chunk)
        left -= len(chunk)
    return most - left


def _hand_ins(folder: Path, archive: Path, steps: tuple[str, ...]) -> Path:
    """The folder in it that holds the hand-ins: beneath folders that hold nothing but one folder.

    UserError: what is there is one learner's, or may be. A class of one has to be unpacked, for that looks the same.
    """
    while True:
        inside = [path for path in folder.iterdir() if tree.is_work(path.name)]
        names = [path.name for path in inside]
        is_submitted = folder.name == SUBMITTED and names != [SUBMITTED]  # submitted.zip may hold submitted/
        if is_submitted or schemes.METADATA in names or NBGRADER in names:
            return folder
        learners = [path for path in inside if path.is_dir() or archives.stem(path.name) is not None]
        loose = [path for path in inside if is_source(path) and path not in learners]
        if is_one_learners(inside, steps) or (loose and not learners and not any(map(_is_named, inside))):
            raise one_learners(Path(archive.name), archive.resolve().parent)
        if len(learners) != 1 or not learners[0].is_dir() or any(map(_is_named, inside)):
            return folder
        if loose:
            raise _beside(loose[0], learners[0], archive.name, "unpack it, and ")
        folder = learners[0]


def _beside(loose: Path, only: Path, where: str, how: str = "") -> UserError:
    return UserError(
        f"holds {tree.printable(loose.name)} beside the one folder {tree.printable(only.name)}: "
        "that may be a learner's or the class's",
        where=where,
        next_step=f"{how}give the folder that holds one folder per learner",
    )


def _class_in(folder: Path, steps: tuple[str, ...]) -> Path:
    """The folder or archive in which the class is: the folder itself, or the one in it, if that is one by its names.

    UserError: all that is in it are classes; or a source lies beside the one.
    """
    for _ in range(classes.DEEPEST):
        try:
            inside = sorted(path for path in folder.iterdir() if tree.is_work(path.name) and not is_results(path))
        except OSError:  # said when it is read
            return folder
        names = [path.name for path in inside]
        if is_one_learners(inside, steps) or classes.is_platforms(names) or any(map(_is_named, inside)):
            return folder
        inner = [path for path in inside if path.is_dir() or archives.stem(path.name) is not None]
        alone = len(inner) == 1
        if not inner or not all(classes.is_class(path, steps, alone, clones=True) for path in inner):
            return folder
        if not alone:
            raise UserError(
                f"holds {len(inner)} classes, by the names in them: {', '.join(map(_shown, inner[:MOST_NAMED]))}",
                where=str(folder),
                next_step=f"give one of them, as {inner[0]}",
            )
        loose = [path for path in inside if is_source(path) and path not in inner]
        if loose:
            raise _beside(loose[0], inner[0], str(folder))
        folder = inner[0]
        if not folder.is_dir():
            return folder
    return folder


def _shown(path: Path) -> str:
    return tree.printable(path.name)


def _is_named(path: Path) -> bool:
    """Whether a platform's name says whose this is."""
    return (schemes.moodle(path.name) or (None if path.is_dir() else schemes.canvas(path.name))) is not None
