"""Which file of a hand-in is which module. Trusted side.

The course's own place comes first, then the same beneath other folders, then a file of the right name anywhere; wrong
capitals count as the right name. What was taken from elsewhere, and what was left out for it, is noted. Of two files in
places equally good that differ none is taken: somebody has to look.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.errors import UserError
from grader.intake import notebooks
from grader.intake.tree import SIZES, Entry, Notes, printable

EXERCISES = "exercises"
MOST_COPIES = 100  # of one module: each is read, to see whether it differs
DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)  # PEP 263
FLAT = 1_000  # a file that is in no step's folder: worse than any that is


@dataclass(frozen=True, order=True)
class Rank:
    """How sure a place is: smaller is surer."""

    place: int  # 0: exercises/NN_step/, 1: NN_step/, 2 and more: beneath other folders, FLAT and more: in no step's
    capitals: bool  # other ones than the course's
    notebook: bool


@dataclass(frozen=True)
class Candidate:
    """A file that may be a module of a step."""

    rank: Rank
    entry: Entry


def place(entries: Iterable[Entry], modules: Mapping[str, Iterable[str]], notes: Notes) -> dict[str, dict[str, bytes]]:
    """`files[step][file name]` for the file names of each step in `modules`, and what lies beside a file taken.

    UserError: a file is there and cannot be read, or two files claim to be the same module.
    """
    found = list(entries)
    by_stem: dict[str, list[Entry]] = {}
    for entry in found:
        by_stem.setdefault(entry.path.stem.lower(), []).append(entry)
    files: dict[str, dict[str, bytes]] = {}
    own = {name for names in modules.values() for name in names}
    for step, names in modules.items():
        sources = files[step] = {}
        folders = {(EXERCISES, step), (step,)}
        for name in names:
            candidates = _candidates(by_stem.get(name.removesuffix(".py"), []), step, name, modules)
            ranked = sorted(candidates, key=lambda candidate: candidate.rank)
            if len(ranked) > MOST_COPIES:
                raise UserError(f"{step}/{name} is there {len(ranked)} times", next_step="leave the one that counts")
            taken = _best(ranked, step, name, notes)
            if taken is not None:
                sources[name] = taken[1]
                folders.add(taken[0].path.parts[:-1])
        for entry in found:
            if entry.path.parts[:-1] in folders and entry.suffix == ".py" and entry.path.name.lower() not in own:
                _beside(entry, sources, notes)
    return {step: sources for step, sources in files.items() if sources}


def _beside(entry: Entry, sources: dict[str, bytes], notes: Notes) -> None:
    """Take a file that a module may import."""
    if entry.path.name in sources:
        notes.left_out(entry.path, "another file of that name is taken")
        return
    content = _content(entry, notes)
    if content is not None:
        sources[entry.path.name] = content


def _candidates(entries: list[Entry], step: str, name: str, steps: Iterable[str]) -> Iterator[Candidate]:
    """The entries that may be this module of this step."""
    others = {other.lower() for other in steps} - {step.lower()}
    for entry in entries:
        folders = entry.path.parts[:-1]
        if folders and folders[-1].lower() in others:
            continue
        place, written = _place(folders, step)
        wanted = name if entry.suffix == ".py" else f"{name.removesuffix('.py')}.ipynb"
        yield Candidate(Rank(place, not written or entry.path.name != wanted, entry.suffix == ".ipynb"), entry)


def _place(folders: tuple[str, ...], step: str) -> tuple[int, bool]:
    """How sure this place is for a module of this step, and whether it is written as the course writes it."""
    if not folders or folders[-1].lower() != step.lower():
        return FLAT + len(folders), True
    if len(folders) > 1 and folders[-2].lower() == EXERCISES:
        return 2 * (len(folders) - 2), folders[-2:] == (EXERCISES, step)
    return 2 * (len(folders) - 1) + 1, folders[-1] == step


def _best(ranked: list[Candidate], step: str, name: str, notes: Notes) -> tuple[Entry, bytes] | None:
    """The entry to take and its source. UserError: two that differ have the best rank."""
    sources = ((candidate, _source(candidate.entry, notes)) for candidate in ranked)
    candidate, content = next(((candidate, source) for candidate, source in sources if source is not None), (None, b""))
    if candidate is None:
        return None
    for other in ranked[ranked.index(candidate) + 1 :]:
        try:
            source = _source(other.entry, notes)
        except UserError as error:
            if other.rank == candidate.rank:
                raise
            notes.left_out(
                other.entry.path, f"{candidate.entry.path} is taken, and this one is unreadable: {error.what}"
            )
            continue
        if source is None or source == content:
            continue
        if other.rank == candidate.rank:
            raise UserError(
                printable(f"{step}/{name} is there twice, and they differ: {candidate.entry.path}, {other.entry.path}"),
                next_step="leave the one that counts",
            )
        notes.left_out(other.entry.path, f"{candidate.entry.path} is taken, and they differ")
    if candidate.rank.place > 1 or candidate.rank.capitals or candidate.rank.notebook:
        notes.add(f"took {step}/{name} from {candidate.entry.path}")
    return candidate.entry, content


def _source(entry: Entry, notes: Notes) -> bytes | None:
    """What is to be graded of a file; None: it is left out, with a note."""
    content = _content(entry, notes)
    if content is None or entry.suffix != ".ipynb":
        return content
    try:
        found = notebooks.source(content)
    except notebooks.NotANotebook as error:
        raise UserError(
            printable(f"{entry.path} cannot be read as a notebook: {error}"), next_step="save it again"
        ) from None
    if len(found) > SIZES[".py"]:
        notes.left_out(entry.path, f"its code is larger than {SIZES['.py'] >> 10} KiB")
        return None
    return found


def _content(entry: Entry, notes: Notes) -> bytes | None:
    limit = SIZES[entry.suffix]
    content = entry.read(limit + 1)
    if len(content) <= limit:
        return _utf8(content, entry, notes) if entry.suffix == ".py" else content
    notes.left_out(entry.path, f"larger than {limit >> 10} KiB")
    return None


def _utf8(content: bytes, entry: Entry, notes: Notes) -> bytes:
    """The source in UTF-8, which Python expects: some editors save in another encoding, and do not say so."""
    head = b"\n".join(content.split(b"\n", 2)[:2])  # where Python looks for a declaration
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if not DECLARED.search(head):
            with contextlib.suppress(UnicodeDecodeError):
                text = content.decode(encoding)
                notes.add(f"read {entry.path} as {encoding}, which it is saved in")
                return text.encode("utf-8", "surrogatepass")
    return content
