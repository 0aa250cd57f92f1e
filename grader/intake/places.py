"""Which file of a hand-in is which module. Trusted side; may import errors, model and its own unit.

The course's own place comes first, then the same beneath other folders, then a file of the right name anywhere, then a
copy as browsers and Jupyter name them, then a notebook of all steps, then one of any name whose cells say what they
are; wrong capitals count as the right name. What was taken from elsewhere, and what was left out for it, is noted. Of
two files in places equally good that differ none is taken: somebody has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from grader.errors import UserError
from grader.intake import archives, contents, notebooks, schemes, texts
from grader.intake.contents import Names
from grader.intake.notebooks import Wanted
from grader.intake.tree import LEFT_OUT, Entry, Notes
from grader.intake.versions import Candidate, Rank, Version, best_of, content_of
from grader.model import HandedOut

EXERCISES = "exercises"
MOST_COPIES = 100  # of one module: each is read, to see whether it differs
MOST_LOOKED_AT = 20  # notebooks under names that are not the course's
FLAT = 1_000  # a file that is in no step's folder: worse than any that is
COPY = 10_000  # added to where a copy lies: worse than any file or notebook of the right name
OF_ALL_STEPS = 1_000_000  # a notebook of all steps: worse than any of the module's own
OF_ANY_NAME = 2_000_000  # a notebook that says only in its cells what it is


def place(
    entries: Iterable[Entry], modules: Mapping[str, Iterable[str]], notes: Notes, handed_out: HandedOut
) -> dict[str, dict[str, bytes]]:
    """`files[step][file name]` for the file names of each step in `modules`, and what lies beside a file taken.

    UserError: a file is there and cannot be read, two files claim to be the same module, or all may be in an archive
    within an archive.
    """
    shelf = _Shelf(list(entries), Names(modules, handed_out), notes)
    files = {step: shelf.take(step, names) for step, names in shelf.names.modules.items()}
    shelf.say_what_is_left()
    if not any(name in sources for step, sources in files.items() for name in shelf.names.modules[step]):
        _refuse_nested(notes)
    return {step: sources for step, sources in files.items() if sources}


def _refuse_nested(notes: Notes) -> None:
    """UserError: where no module is, an archive that was not opened may hold them."""
    for note in notes.lines:
        if note.startswith(LEFT_OUT) and note.endswith(f": {archives.NESTED}"):
            raise UserError(
                f"{note.removeprefix(LEFT_OUT)}, which is not opened, and no module is beside it",
                next_step="put what is in it into a folder of that name",
            )


class _Shelf:
    """The files of a hand-in, from which its modules are taken."""

    def __init__(self, found: list[Entry], names: Names, notes: Notes) -> None:
        self.found = found
        self.names = names
        self.notes = notes
        self.by_stem: dict[str, list[Entry]] = {}
        for entry in found:
            if contents.is_misnamed(entry.path.name):
                continue
            self.by_stem.setdefault(schemes.uncopied(entry.path.stem.lower()), []).append(entry)
        self.answered: set[str] = set()  # modules that are taken, and not as they were handed out
        self.beside: dict[PurePosixPath, set[str]] = {}  # files that go with modules: the steps of these
        self.imported: dict[str, set[str]] = {}  # by each step's modules
        self.telling: dict[str, list[Entry]] = {}  # notebooks of any name, by the files that cells of them are
        self.strange = list(self._strange())

    def _strange(self) -> Iterator[Entry]:
        """What is neither a module nor the course's, by its name and by what it says of itself."""
        looked_at = 0
        for entry in contents.strange(self.found, self.names):
            looked_at += entry.suffix == ".ipynb"
            looked = _looked(entry) if entry.suffix == ".ipynb" and looked_at <= MOST_LOOKED_AT else None
            files = looked.files & self.names.own if looked else frozenset()
            for file in files:
                self.telling.setdefault(file, []).append(entry)
            if not files and (looked is None or looked.holds_code):
                yield entry

    def take(self, step: str, names: Iterable[str]) -> dict[str, bytes]:
        """The step's modules, and what lies beside them."""
        sources: dict[str, bytes] = {}
        folders = {(EXERCISES, step), (step,)}
        imported = self.imported[step] = set()
        for name in names:
            taken = self._module(step, name)
            if taken is None:
                continue
            sources[name] = taken.source
            folders.add(taken.candidate.folder)
            imported |= texts.imported(texts.text_of(taken.source))
            if not taken.is_untouched:
                self.answered.add(f"{step}/{name}")
        for entry in self.found:
            if entry.path.parts[:-1] in folders and entry.suffix == ".py" and not self.names.has(entry):
                _beside(entry, sources, self.notes)
                self.beside.setdefault(entry.path, set()).add(step)
        return sources

    def _module(self, step: str, name: str) -> Version | None:
        stub = self.names.handed_out.stubs.get(step, {}).get(name, "")
        wanted = Wanted(step, name, stub, self.names.own - {name.lower()})
        found = self._ranked(wanted)
        return best_of(found, wanted, self.notes) if found else None

    def _ranked(self, wanted: Wanted) -> list[Candidate]:
        """What may be this module, the surest first. UserError: it is there more often than anybody copies it."""
        tutorial = contents.tutorial(wanted.step, wanted.file)
        found = [
            *_candidates(self.by_stem.get(wanted.file.removesuffix(".py").lower(), []), wanted, self.names.modules),
            *_tutorials(self.by_stem.get(tutorial, []), tutorial),
            *_of_any_name(self.telling.get(wanted.file.lower(), [])),
        ]
        if len(found) > MOST_COPIES:
            raise UserError(
                f"{wanted.step}/{wanted.file} is there {len(found)} times", next_step="leave the one that counts"
            )
        return sorted(found, key=lambda candidate: candidate.rank)

    def say_what_is_left(self) -> None:
        """Note what may be work, and was not taken for its name or for where it lies."""
        strange = [entry for entry in self.strange if not self._is_helper(entry)]
        misplaced: dict[PurePosixPath, str] = {}
        for step, names in self.names.modules.items():
            for name in names:
                if f"{step}/{name}" not in self.answered:
                    alike = self.by_stem.get(name.removesuffix(".py").lower(), [])
                    misplaced |= {entry.path: f"{step}/{name}" for entry in alike if self._is_misplaced(entry, name)}
        contents.say_left(strange, misplaced, self.names, self.notes)

    def _is_helper(self, entry: Entry) -> bool:
        """Whether it serves modules that it goes with, as far as can be seen, and is not one under another name."""
        steps = self.beside.get(entry.path, set())
        if any(entry.path.stem in self.imported[step] for step in steps):
            return True
        meant = self.names.meant(entry)
        if meant:
            return bool(steps) and meant in self.answered
        return any(module.partition("/")[0] in steps for module in self.answered)

    def _is_misplaced(self, entry: Entry, name: str) -> bool:
        """Whether it lies in the folder of a step that has no module of this name."""
        folder = entry.path.parent.name.lower()
        return any(folder == step.lower() and name not in names for step, names in self.names.modules.items())


def _looked(entry: Entry) -> notebooks.Looked | None:
    """What a notebook of any name says of itself; None: it cannot be read, or is too large."""
    try:
        content = content_of(entry, Notes())
        return notebooks.look(content) if content is not None else None
    except (UserError, notebooks.NotANotebook):
        return None


def _beside(entry: Entry, sources: dict[str, bytes], notes: Notes) -> None:
    """Take a file that a module may import."""
    if entry.path.name in sources:
        notes.left_out(entry.path, "another file of that name is taken")
        return
    content = content_of(entry, notes)
    if content is not None:
        sources[entry.path.name] = content


def _candidates(entries: list[Entry], wanted: Wanted, steps: Iterable[str]) -> Iterator[Candidate]:
    """The entries that may be this module of this step."""
    others = {other.lower() for other in steps} - {wanted.step.lower()}
    stem = wanted.file.removesuffix(".py")
    for entry in entries:
        folders = entry.path.parts[:-1]
        if folders and folders[-1].lower() in others:
            continue
        place, written = _place(folders, wanted.step)
        copy = COPY * (entry.path.stem.lower() != stem.lower())
        is_as_written = written and f"{schemes.uncopied(entry.path.stem)}{entry.path.suffix}" == f"{stem}{entry.suffix}"
        yield Candidate(Rank(place + copy, not is_as_written, entry.suffix == ".ipynb"), entry)


def _tutorials(entries: list[Entry], stem: str) -> Iterator[Candidate]:
    """The notebooks of all steps, which may hold this module among others."""
    for entry in entries:
        if entry.suffix == ".ipynb":
            place = OF_ALL_STEPS + COPY * (entry.path.stem.lower() != stem) + len(entry.path.parts)
            rank = Rank(place, not entry.path.name.startswith(stem), notebook=True)
            yield Candidate(rank, entry, of_all_steps=True)


def _of_any_name(entries: list[Entry]) -> Iterator[Candidate]:
    """The notebooks that have a cell that says that it is this module."""
    for entry in entries:
        rank = Rank(OF_ANY_NAME + len(entry.path.parts), False, notebook=True)
        yield Candidate(rank, entry, of_all_steps=True, any_name=True)


def _place(folders: tuple[str, ...], step: str) -> tuple[int, bool]:
    """How sure this place is for a module of this step, and whether it is written as the course writes it."""
    if not folders or folders[-1].lower() != step.lower():
        return FLAT + len(folders), True
    if len(folders) > 1 and folders[-2].lower() == EXERCISES:
        return 2 * (len(folders) - 2), folders[-2:] == (EXERCISES, step)
    return 2 * (len(folders) - 1) + 1, folders[-1] == step
