"""What is in a hand-in besides its modules: whoever looks at 0 points wants to know. Trusted side.

Names alone are looked at, and nothing is opened but archives, and what of the course's own files lies there.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from grader.errors import UserError
from grader.intake import archives, schemes, texts, tree
from grader.intake.tree import Entry, Notes
from grader.model import HandedOut, HandIn

TUTORIAL = "tutorial"  # a notebook of all steps of a track, with the suffix of that track's modules
MISNAMED = (
    ".py.txt",
    ".ipynb.txt",
    ".ipynb.json",
)  # systems and browsers put an ending of theirs behind a source's own
PACKAGE = "__init__.py"  # holds nothing, as a rule, and cannot be a module of the course
MOST_NAMES = 5
MOST_COMPARED = 500  # names
MOST_OF_NAME = 60  # characters that are compared
ALIKE = 0.75  # soft_max and layer are; random is not adam
MOST_READ = 50  # of the course's own files, in one folder
MOST_FOLDERS = 10  # in which they are read


def is_misnamed(name: str) -> bool:
    """Whether this is a source with one ending too many: it is not taken, but named."""
    return name.lower().endswith(MISNAMED)


def tutorial(step: str, file: str) -> str:
    """The name, without ending, of the notebook of all steps that has this module."""
    return f"{TUTORIAL}{file.removesuffix('.py').removeprefix(step.partition('_')[2])}"


class Names:
    """The names that files of a hand-in may have: the modules', and those of what learners were given besides."""

    def __init__(self, modules: Mapping[str, Iterable[str]], handed_out: HandedOut) -> None:
        self.modules = {step: list(names) for step, names in modules.items()}
        self.handed_out = handed_out
        self.compared: dict[str, str] = {}  # names that are nearly a module's: that module

    @cached_property
    def own(self) -> frozenset[str]:
        """The modules' files, in small letters, also of steps that are not asked for."""
        every = (*self.modules.values(), *self.handed_out.stubs.values())
        return frozenset(name.lower() for names in every for name in names)

    @cached_property
    def notebooks(self) -> frozenset[str]:
        every = (*self.modules.items(), *self.handed_out.stubs.items())
        of_all_steps = {tutorial(step, name).lower() for step, names in every for name in names}
        return frozenset(f"{stem}.ipynb" for stem in of_all_steps | {name.removesuffix(".py") for name in self.own})

    @cached_property
    def stems(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for step, names in self.modules.items():
            for name in names:
                found.setdefault(name.removesuffix(".py").lower(), f"{step}/{name}")
        return found

    def has(self, entry: Entry) -> bool:
        """Whether the file, or that of which it is a copy, is called like one of the course's."""
        name = f"{schemes.uncopied(entry.path.stem)}{entry.suffix}".lower()
        return name in (self.notebooks if entry.suffix == ".ipynb" else self.own | self.handed_out.around)

    def meant(self, entry: Entry) -> str:
        """The module whose name is in the file's, or nearly is it; "": none, or it is not looked for any more."""
        stem = re.sub(r"[\W_]+", "_", schemes.uncopied(entry.path.stem.lower()[:MOST_OF_NAME]))
        if stem not in self.compared and len(self.compared) < MOST_COMPARED:
            within = [own for own in self.stems if f"_{own}_" in f"_{stem}_"]
            near = [max(within, key=len)] if within else difflib.get_close_matches(stem, self.stems, 1, ALIKE)
            self.compared[stem] = self.stems[near[0]] if near else ""
        return self.compared.get(stem, "")


def strange(found: Iterable[Entry], names: Names) -> Iterator[Entry]:
    """What is not called like a file of the course, and lies in no folder from which files of the course import."""
    entries = list(found)
    given: dict[PurePosixPath, list[Entry]] = {}
    for entry in entries:
        if entry.path.name.lower() in names.handed_out.around:
            given.setdefault(entry.path.parent, []).append(entry)
    packages: dict[PurePosixPath, frozenset[str]] = {}
    for entry in entries:
        folder = entry.path.parent
        if is_misnamed(entry.path.name):
            yield entry
        if entry.suffix not in tree.SIZES or names.has(entry) or entry.path.name == PACKAGE:
            continue
        is_asked = entry.suffix == ".py" and folder.parent in given and folder.parent not in packages
        if is_asked and len(packages) < MOST_FOLDERS:
            packages[folder.parent] = _imported(given[folder.parent])
        if entry.suffix != ".py" or folder.name not in packages.get(folder.parent, ()):
            yield entry


def _imported(given: list[Entry]) -> frozenset[str]:
    """The names that files of the course import, which lie in one folder."""
    found: set[str] = set()
    for entry in given[:MOST_READ]:
        try:
            found |= texts.imported(texts.text_of(entry.read(tree.MAX_SOURCE)))
        except UserError:
            continue
    return frozenset(found)


def say_left(found: list[Entry], misplaced: Mapping[PurePosixPath, str], names: Names, notes: Notes) -> None:
    """Note the files that are strange, those first that may be meant as modules, and those in another step's folder."""
    left = [(path, "it is in another step's folder", module) for path, module in misplaced.items()]
    left += [(entry.path, _why(entry.path.name), names.meant(entry)) for entry in found]
    left.sort(key=lambda one: not one[2])
    for path, why, meant in left[:MOST_NAMES]:
        notes.left_out(path, f"{why}{f'; is it meant as {meant}?' if meant else ''}")
    if len(left) > MOST_NAMES:
        notes.left_out(f"{len(left) - MOST_NAMES} files more", "their names are no modules'")


def _why(name: str) -> str:
    return "it has one ending too many" if is_misnamed(name) else "its name is no module's"


def say(hand_in: HandIn, notes: Notes) -> None:
    """Note what there is where no file that is asked for is, and no other note says what was left out."""
    if any(note.startswith(tree.LEFT_OUT) for note in notes.lines):
        return
    names = list(_names(hand_in))
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    found = f"it has no file that is asked for, but {', '.join(names[:MOST_NAMES])}{more}"
    notes.add(found if names else "it holds nothing")


def _names(hand_in: HandIn) -> Iterator[str]:
    for name, path in hand_in.parts:
        if name and not path.is_dir():
            yield name
            continue
        walk = tree.walk if path.is_dir() else archives.walk
        try:
            yield from [str(entry.path) for entry in walk(path, lambda name: True, Notes())]
        except UserError:  # it has been walked before, so it has just gone
            return
