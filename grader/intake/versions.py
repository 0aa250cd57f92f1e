"""What the files say that may be the same module, and which of them is taken. Trusted side; nothing is executed.

The one in the best place is taken. But what holds no work, since it is as it was handed out or empty, gives way to what
does, wherever that lies, and a file that a notebook wrote gives way to what has become of the notebook since.
May import errors and its own unit.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass, replace
from functools import cached_property

from grader.errors import UserError
from grader.intake import notebooks, texts
from grader.intake.notebooks import Wanted
from grader.intake.tree import SIZES, Entry, Notes, printable

DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=]", re.MULTILINE)  # PEP 263


@dataclass(frozen=True, order=True)
class Rank:
    """How sure a place is: smaller is surer."""

    place: (
        int  # 0: exercises/NN_step/, 1: NN_step/, 2 and more: beneath other folders, then places.FLAT and what follows
    )
    capitals: bool  # other ones than the course's
    notebook: bool


@dataclass(frozen=True)
class Candidate:
    """A file that may be a module of a step, or hold it among others."""

    rank: Rank
    entry: Entry
    of_all_steps: bool = False
    any_name: bool = False  # a notebook that is not the course's by its name, but has cells that say what they are

    @property
    def folder(self) -> tuple[str, ...]:
        return self.entry.path.parts[:-1]


@dataclass(frozen=True)
class Version:
    """What a candidate says that the module is."""

    candidate: Candidate
    source: bytes
    stub: str  # "": it is not known what was handed out
    how: str = ""  # it was found in a notebook
    without: tuple[str, ...] = ()  # cells of these magics

    @cached_property
    def key(self) -> bytes:
        return texts.key(texts.text_of(self.source))

    @cached_property
    def is_untouched(self) -> bool:
        return self._is_the_stub or texts.says_no_more(texts.text_of(self.source), self.stub)

    @property
    def _is_the_stub(self) -> bool:
        return bool(self.stub) and self.key == texts.key(self.stub)

    @property
    def lack(self) -> str:
        """Why one that is untouched gives way."""
        if self._is_the_stub:
            return "is still as it was handed out"
        is_empty = texts.says_no_more(texts.text_of(self.source), "")
        return "holds no code" if is_empty else "says no more than what was handed out"


@dataclass(frozen=True)
class Unreadable:
    """A candidate that may hold work, and why that cannot be said."""

    candidate: Candidate
    error: UserError


def best_of(ranked: list[Candidate], wanted: Wanted, notes: Notes) -> Version | None:
    """What is taken for the module. UserError: two that differ have the best rank, or what may count is unreadable."""
    read = [_version(candidate, wanted, notes) for candidate in ranked]
    versions = [one for one in read if isinstance(one, Version)]
    answered = [version for version in versions if not version.is_untouched]
    best = next(iter(answered or versions), None)
    _refuse_unreadable([one for one in read if isinstance(one, Unreadable)], best, notes)
    if best is None:
        for candidate in ranked:  # of one that is the module's own it has been said
            if candidate.of_all_steps:
                _note_empty(candidate, wanted, notes)
        return None
    if best.is_untouched and best.candidate.of_all_steps:
        return None  # who hands in the notebook of all steps does not thereby hand in each of them
    _refuse_two(best, answered, wanted)
    taken = _newest(best, answered)
    for other in answered:
        if other is not best and other.key != taken.key:
            _note_other(other, taken, wanted, notes)
    _note_taken(taken, best, versions[0], wanted, notes)
    for version in versions if taken.is_untouched else ():
        _note_without(version.without, version.candidate, notes)  # there the work may be
    return taken


def _version(candidate: Candidate, wanted: Wanted, notes: Notes) -> Version | Unreadable | None:
    """What this candidate holds; None: it is left out, with a note."""
    try:
        content = content_of(candidate.entry, notes)
        if content is None or not candidate.rank.notebook:
            return None if content is None else Version(candidate, content, wanted.stub)
        return _in_notebook(candidate, content, wanted, notes)
    except UserError as error:
        return Unreadable(candidate, error)


def _in_notebook(candidate: Candidate, content: bytes, wanted: Wanted, notes: Notes) -> Version | None:
    path = candidate.entry.path
    try:
        found = notebooks.read(content, replace(wanted, alone=not candidate.of_all_steps))
    except notebooks.NotANotebook as error:
        raise UserError(printable(f"{path} cannot be read as a notebook: {error}"), next_step="save it again") from None
    except notebooks.Unclear as error:
        raise UserError(
            printable(f"{path} holds {wanted.step}/{wanted.file} {error}"),
            next_step=f"leave the one that counts, with %%module {wanted.file} as its first line",
        ) from None
    if found.source is None:
        if not candidate.of_all_steps:
            _note_empty(candidate, wanted, notes)
            _note_without(found.without, candidate, notes)
        return None
    if len(found.source) > SIZES[".py"]:
        notes.left_out(path, f"its code is larger than {SIZES['.py'] >> 10} KiB")
        return None
    return Version(candidate, found.source, wanted.stub, found.how, found.without)


def _note_empty(candidate: Candidate, wanted: Wanted, notes: Notes) -> None:
    notes.left_out(candidate.entry.path, f"nothing of {wanted.step}/{wanted.file} is in it")


def _refuse_unreadable(unreadable: list[Unreadable], best: Version | None, notes: Notes) -> None:
    """UserError: what cannot be read may be what counts. Where there is work in a better place it is noted."""
    for one in unreadable:
        if best is None or best.is_untouched or one.candidate.rank <= best.candidate.rank:
            raise one.error
        taken = str(best.candidate.entry.path)
        if one.candidate.of_all_steps:  # it would be a note for each step
            taken = "what it is of"
        notes.left_out(one.candidate.entry.path, f"{taken} is taken, and this one is unreadable: {one.error.what}")


def _refuse_two(best: Version, answered: list[Version], wanted: Wanted) -> None:
    """UserError: another one that differs has as good a place."""
    for other in answered:
        if other.candidate.rank == best.candidate.rank and other.key != best.key:
            paths = f"{best.candidate.entry.path}, {other.candidate.entry.path}"
            raise UserError(
                printable(f"{wanted.step}/{wanted.file} is there twice, and they differ: {paths}"),
                next_step="leave the one that counts",
            )


def _newest(best: Version, answered: list[Version]) -> Version:
    """The notebook that wrote this file, where it has been worked on since and the file has not; else the file.

    A file names the module's own notebook, also where the one of all steps wrote it: that one is meant where the
    module's own holds no work.
    """
    name = "" if best.candidate.rank.notebook else texts.written_by(best.source)
    for version in answered if name else ():
        candidate = version.candidate
        beside = candidate.folder == best.candidate.folder and candidate.entry.path.name.lower() == name.lower()
        if candidate.rank.notebook and (beside or (candidate.of_all_steps and not candidate.any_name)):
            return version if version.key != best.key else best
    return best


def _note_other(other: Version, taken: Version, wanted: Wanted, notes: Notes) -> None:
    path = other.candidate.entry.path
    left = f"{wanted.file} in {path}" if other.candidate.of_all_steps else path
    known = ": both are answered" if wanted.stub else ""
    notes.left_out(left, f"{taken.candidate.entry.path} is taken, and they differ{known}")


def _note_taken(taken: Version, best: Version, first: Version, wanted: Wanted, notes: Notes) -> None:
    """Say from where, if that is not the course's own place, and why, if `first` has the better place."""
    rank = taken.candidate.rank
    if rank.place <= 1 and not rank.capitals and not rank.notebook:
        return
    why = [taken.how] if taken.how else []
    if taken is not best:
        why.append(f"{_seen_from(taken, best)} is what it wrote at an earlier time")
    if first.is_untouched and not taken.is_untouched:
        why.append(f"{_seen_from(taken, first)} {first.lack}")
    notes.add(
        f"took {wanted.step}/{wanted.file} from {taken.candidate.entry.path}{': ' if why else ''}{'; '.join(why)}"
    )
    _note_without(taken.without, taken.candidate, notes)


def _note_without(magics: tuple[str, ...], candidate: Candidate, notes: Notes) -> None:
    for magic in magics:
        notes.left_out(f"a cell with {magic} in {candidate.entry.path}", "it is no Python of the module's")


def _seen_from(taken: Version, other: Version) -> object:
    """The other's name, with its folder if that is another one."""
    path = other.candidate.entry.path
    return path.name if other.candidate.folder == taken.candidate.folder else path


def content_of(entry: Entry, notes: Notes) -> bytes | None:
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
