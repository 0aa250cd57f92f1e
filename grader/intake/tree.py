"""The files of a hand-in that could be sources, wherever they are kept. Trusted side; nothing is written or imported.

An entry knows its place beneath the hand-in and how to read itself. Symbolic links are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.errors import UserError

MAX_SOURCE = 512 << 10  # bytes; the longest solution has under ten thousand
MAX_NOTEBOOK = 8 << 20  # bytes; pictures in outputs make them long
SIZES = {".py": MAX_SOURCE, ".ipynb": MAX_NOTEBOOK}
MAX_ENTRIES = 20_000  # files and folders that are looked at in one hand-in
MAX_NOTES = 50
LEFT_OUT = "left out "  # how a note begins that is about a file not taken
NOT_WORK = ("__pycache__", "__macosx", "node_modules", "site-packages")


@dataclass(frozen=True)
class Entry:
    """A file: its place, and how to get at most so many bytes of it (UserError: it cannot be read)."""

    path: PurePosixPath
    read: Callable[[int], bytes]

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()


class Notes:
    """What intake decided, for the record: printable, each once, not without end."""

    def __init__(self) -> None:
        self.lines: dict[str, None] = {}
        self.more = 0

    def add(self, note: str) -> None:
        note = printable(note)
        if note in self.lines:
            return
        if len(self.lines) < MAX_NOTES:
            self.lines[note] = None
        else:
            self.more += 1

    def left_out(self, path: object, reason: str) -> None:
        self.add(f"{LEFT_OUT}{path}: {reason}")

    def all(self) -> tuple[str, ...]:
        return (*self.lines, *([f"and {self.more} notes more"] if self.more else []))


def printable(text: str) -> str:
    """The text with what is not printable, or not UTF-8, spelt out; different texts stay different."""
    return "".join(c if c.isprintable() and c != "\\" else _spelt_out(c) for c in text)


def _spelt_out(character: str) -> str:
    """`\\x1b`, `\\u202e`; a byte that is no UTF-8 is `\\xff`."""
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # how surrogateescape keeps a byte
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_work(name: str) -> bool:
    """Whether a folder or file of this name may hold a learner's work: not hidden, not made by a program."""
    return not name.startswith(".") and name.lower() not in NOT_WORK


def walk(folder: Path, wanted: Callable[[str], bool], notes: Notes) -> Iterator[Entry]:
    """The regular files whose name is wanted, the ones nearest to the top first.

    UserError: a folder cannot be listed (it is not taken as empty, since that would cost marks), or there are too many.
    """
    level, seen = [folder], 0
    while level:
        deeper: list[Path] = []
        for place in level:
            for path in _listed(place):
                seen += 1
                if seen > MAX_ENTRIES:
                    raise UserError(
                        f"holds more than {MAX_ENTRIES:,} files",
                        where=str(folder),
                        next_step="leave only what is to be graded there",
                    )
                name = PurePosixPath(*path.relative_to(folder).parts)
                if not is_work(path.name):
                    continue
                if path.is_symlink():
                    notes.left_out(name, "a symbolic link")
                elif path.is_dir():
                    deeper.append(path)
                    if wanted(path.name):
                        notes.left_out(name, "not a regular file")
                elif wanted(path.name) and not path.is_file():
                    notes.left_out(name, "not a regular file")
                elif wanted(path.name):
                    yield Entry(name, Reader(path))
        level = deeper


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error) from None


@dataclass(frozen=True)
class Reader:
    """Reads a file of the file system."""

    path: Path

    def __call__(self, limit: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(limit)
        except OSError as error:
            raise unreadable(self.path, error) from None


def unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"cannot be read: {error.strerror or error}",
        where=printable(str(path)),
        next_step="check its rights, then run again",
    )
