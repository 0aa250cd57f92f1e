"""Whether a folder or archive within a folder of hand-ins is a class itself, and not one learner's. Trusted side.

The names in it tell; nothing is unpacked, and what cannot be looked into is no class here: reading it says why.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from io import BufferedIOBase, BytesIO, FileIO
from itertools import islice
from pathlib import Path

from grader.intake import archives, places, schemes, tree

SUBMITTED = "submitted"  # of an nbgrader course: submitted/<learner>/<assignment>/
NBGRADER = "nbgrader_config.py"  # beside it
DEEPEST = 4  # folders that hold nothing but one folder
MOST_NAMES = 100_000
MOST_DIRECTORY = 8 << 20  # bytes of a zip's list of members
MOST_OF_TAR = 16 << 20  # bytes, unpacked: the first members are enough
Names = dict[str, set[str] | None]  # what lies in a folder: names of folders -> the names in them, of files -> None


def is_class(path: Path, steps: Iterable[str], alone: bool = False, clones: bool = False) -> bool:
    """Whether what is in a folder or archive, perhaps beneath folders around all of it, is sorted as a class is.

    `alone`: there is nothing beside it; then less has to be seen. `clones`: folders of one prefix that are clones make
    it one too. One learner may have some of these.
    """
    known = tuple(steps)
    try:
        for name, inside in _in_folder(path) if path.is_dir() else _in_archive(path):
            if is_one_learners(inside, known):
                return False
            if _holds_several(inside, alone, clones) or (alone and _may_hold_several(name, inside)):
                return True
    except archives.BROKEN:
        return False
    return False


def is_one_learners(names: Iterable[str], steps: Iterable[str]) -> bool:
    """Whether a folder in which these names are is one learner's, and not the class's."""
    return not {places.EXERCISES, "course.toml", *steps}.isdisjoint(names)


def is_platforms(names: Iterable[str]) -> bool:
    """Whether a platform has made the folder in which these names are."""
    found = set(names)
    return schemes.METADATA in found or {SUBMITTED, NBGRADER} <= found


def _holds_several(inside: Names, alone: bool, clones: bool) -> bool:
    if is_platforms(inside) or len({known.learner for known in map(schemes.moodle, inside) if known}) > 1:
        return True
    files = [name for name, within in inside.items() if within is None]
    telling = [name for name in files if _may_be_work(name)] or files
    by_canvas = [known.learner for known in map(schemes.canvas, telling) if known]
    is_sorted = alone or len(files) == len(inside)  # Canvas makes no folders, and learners may call files like it
    if is_sorted and len(set(by_canvas)) > 1 and 2 * len(by_canvas) > len(telling):
        return True
    cloned = _clones(inside)
    return clones and len(cloned) > 1 and bool(schemes.classroom_prefix(Path(), cloned))


def _may_hold_several(name: str, inside: Names) -> bool:
    """What is a class where there is nothing else that could be one."""
    if any(map(schemes.moodle, inside)) or len(_clones(inside)) > 1:
        return True
    return name == SUBMITTED and any(within is not None for within in inside.values())


def _clones(inside: Names) -> list[str]:
    return [name for name, within in inside.items() if within and ".git" in within]


def _may_be_work(name: str) -> bool:
    return Path(name).suffix.lower() in tree.SIZES or archives.stem(name) is not None


def _in_folder(folder: Path) -> Iterator[tuple[str, Names]]:
    """The name of a folder and what is in it, then the same of the one folder in that, and so on."""
    for _ in range(DEEPEST):
        if folder.is_symlink():
            return
        names = [path for path in islice(folder.iterdir(), MOST_NAMES) if tree.is_work(path.name)]
        inside: Names = {path.name: _listed(path) if path.is_dir() else None for path in names}
        yield folder.name, inside
        if len(names) != 1 or not names[0].is_dir():
            return
        folder = names[0]


def _listed(folder: Path) -> set[str]:
    return set() if folder.is_symlink() else {path.name for path in islice(folder.iterdir(), MOST_NAMES)}


def _in_archive(archive: Path) -> Iterator[tuple[str, Names]]:
    """The same of an archive."""
    name = archives.stem(archive.name) or ""
    members = [place.parts for member in _members(archive) if (place := archives.place_of(member))]
    for _ in range(DEEPEST):
        inside: Names = {}
        for first, *rest in members:
            if tree.is_work(first):
                within = inside.setdefault(first, set() if rest else None)
                if rest and within is not None:
                    within.add(rest[0])
        yield name, inside
        if len(inside) != 1:
            return
        name = next(iter(inside))
        members = [parts[1:] for parts in members if parts[0] == name and len(parts) > 1]


def _members(archive: Path) -> list[str]:
    """The names of the first files in it."""
    name = archive.name.lower()
    if name.endswith(archives.ZIP):
        with _Careful(archive) as file, zipfile.ZipFile(file) as whole:
            return [member.filename for member in islice(whole.infolist(), MOST_NAMES) if not member.is_dir()]
    return list(islice(_tarred(archive), MOST_NAMES)) if name.endswith(archives.TAR) else []


def _tarred(archive: Path) -> Iterator[str]:
    """As the headers have them: long names are cut there, and what is about headers, costly to read, is passed by."""
    with archive.open("rb") as file:
        content = file.read(MOST_OF_TAR)
    opened = next((opened for magic, opened in archives.MAGIC.items() if content.startswith(magic)), None)
    if opened is not None:
        content = _begin(opened(BytesIO(content)))
    at = 0
    while at < len(content):
        try:
            member = archives.Bounded.frombuf(content[at : at + tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
        except tarfile.TarError:  # the end, also of what was read
            return
        if member.isreg():
            yield member.name
        at += tarfile.BLOCKSIZE * (1 - -member.size // tarfile.BLOCKSIZE)


def _begin(unpacking: BufferedIOBase) -> bytes:
    """As much of what is packed as is looked at, also where the rest of it is missing."""
    found = bytearray()
    try:
        while len(found) < MOST_OF_TAR and (chunk := unpacking.read(1 << 16)):
            found += chunk
    except archives.BROKEN:
        pass
    return bytes(found)


class _Careful(FileIO):
    """A zip file whose list of members is not read when it is too long."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MOST_DIRECTORY:
            raise zipfile.BadZipFile("its list of members is too long")
        return super().read(size if size is not None else -1)
