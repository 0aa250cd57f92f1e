"""Which file of a hand-in is which module. Trusted side; may import errors, model and its own unit.

The course's own place comes first, then the same beneath other folders, then a file of the right name anywhere, then a
notebook of all steps; wrong capitals count as the right name. What was taken from elsewhere, and what was left out for
it, is noted. Of two files in places equally good that differ none is taken: somebody has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from grader.errors import UserError
from grader.intake.notebooks import Wanted
from grader.intake.tree import Entry, Notes
from grader.intake.versions import Candidate, Rank, best_of, content_of
from grader.model import HandedOut

EXERCISES = "exercises"
TUTORIAL = "tutorial"  # a notebook of all steps of a track, with the suffix of that track's modules
MOST_COPIES = 100  # of one module: each is read, to see whether it differs
FLAT = 1_000  # a file that is in no step's folder: worse than any that is
OF_ALL_STEPS = 1_000_000  # a notebook of all steps: worse than any file or notebook of the module's own


def place(
    entries: Iterable[Entry], modules: Mapping[str, Iterable[str]], notes: Notes, handed_out: HandedOut
) -> dict[str, dict[str, bytes]]:
    """`files[step][file name]` for the file names of each step in `modules`, and what lies beside a file taken.

    UserError: a file is there and cannot be read, or two files claim to be the same module.
    """
    found = list(entries)
    by_stem: dict[str, list[Entry]] = {}
    for entry in found:
        by_stem.setdefault(entry.path.stem.lower(), []).append(entry)
    files: dict[str, dict[str, bytes]] = {}
    own = frozenset(name.lower() for names in modules.values() for name in names)
    for step, names in modules.items():
        sources = files[step] = {}
        folders = {(EXERCISES, step), (step,)}
        for name in names:
            wanted = Wanted(step, name, handed_out.stubs.get(step, {}).get(name, ""), own - {name.lower()})
            taken = best_of(_ranked(by_stem, wanted, modules), wanted, notes)
            if taken is not None:
                sources[name] = taken.source
                folders.add(taken.candidate.folder)
        for entry in found:
            name = entry.path.name.lower()
            if entry.path.parts[:-1] in folders and entry.suffix == ".py" and name not in own | handed_out.around:
                _beside(entry, sources, notes)
    return {step: sources for step, sources in files.items() if sources}


def _beside(entry: Entry, sources: dict[str, bytes], notes: Notes) -> None:
    """Take a file that a module may import."""
    if entry.path.name in sources:
        notes.left_out(entry.path, "another file of that name is taken")
        return
    content = content_of(entry, notes)
    if content is not None:
        sources[entry.path.name] = content


def _ranked(by_stem: Mapping[str, list[Entry]], wanted: Wanted, steps: Iterable[str]) -> list[Candidate]:
    """What may be this module, the surest first. UserError: it is there more often than anybody copies it."""
    stem = wanted.file.removesuffix(".py")
    tutorial = f"{TUTORIAL}{stem.removeprefix(wanted.step.partition('_')[2])}"
    found = [*_candidates(by_stem.get(stem, []), wanted, steps), *_tutorials(by_stem.get(tutorial, []), tutorial)]
    if len(found) > MOST_COPIES:
        raise UserError(
            f"{wanted.step}/{wanted.file} is there {len(found)} times", next_step="leave the one that counts"
        )
    return sorted(found, key=lambda candidate: candidate.rank)


def _candidates(entries: list[Entry], wanted: Wanted, steps: Iterable[str]) -> Iterator[Candidate]:
    """The entries that may be this module of this step."""
    others = {other.lower() for other in steps} - {wanted.step.lower()}
    for entry in entries:
        folders = entry.path.parts[:-1]
        if folders and folders[-1].lower() in others:
            continue
        place, written = _place(folders, wanted.step)
        name = wanted.file if entry.suffix == ".py" else f"{wanted.file.removesuffix('.py')}.ipynb"
        yield Candidate(Rank(place, not written or entry.path.name != name, entry.suffix == ".ipynb"), entry)


def _tutorials(entries: list[Entry], stem: str) -> Iterator[Candidate]:
    """The notebooks of all steps, which may hold this module among others."""
    for entry in entries:
        if entry.suffix == ".ipynb":
            rank = Rank(OF_ALL_STEPS + len(entry.path.parts), entry.path.name != f"{stem}.ipynb", notebook=True)
            yield Candidate(rank, entry, of_all_steps=True)


def _place(folders: tuple[str, ...], step: str) -> tuple[int, bool]:
    """How sure this place is for a module of this step, and whether it is written as the course writes it."""
    if not folders or folders[-1].lower() != step.lower():
        return FLAT + len(folders), True
    if len(folders) > 1 and folders[-2].lower() == EXERCISES:
        return 2 * (len(folders) - 2), folders[-2:] == (EXERCISES, step)
    return 2 * (len(folders) - 1) + 1, folders[-1] == step
