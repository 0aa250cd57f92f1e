"""Folders of hand-ins -> Submissions. Trusted side; learner files are read as bytes and never imported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UserError
from grader.model import Submission

MAX_FILE = 512 << 10  # bytes; the longest solution has under ten thousand


def learners(folder: Path) -> list[Path]:
    """One folder per learner, sorted by name. UserError: there is nothing to grade."""
    if not folder.exists():
        raise UserError(
            "does not exist", where=str(folder), next_step="give the folder that holds one folder per learner"
        )
    if not folder.is_dir():
        raise UserError(
            "is not a folder", where=str(folder), next_step="give the folder that holds one folder per learner"
        )
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", where=str(folder), next_step="check its rights") from None
    if not found:
        raise UserError(
            "holds no folders: nothing to grade",
            where=str(folder),
            next_step="it should hold one folder per learner, each with exercises/NN_step/*.py",
        )
    if any(path.name == "exercises" for path in found) or (folder / "course.toml").is_file():
        raise UserError(
            "looks like one learner's hand-in, not like a folder of them",
            where=str(folder),
            next_step=f"give the folder above it: {folder.resolve().parent}",
        )
    return found


def learner_name(folder: Path) -> str:
    """The folder's name, safe to show: what is not printable, or not UTF-8, is spelt out; names stay distinct."""
    name = os.fsencode(folder.name).decode("utf-8", "surrogateescape")
    return "".join(c if c.isprintable() and c != "\\" else _spelt_out(c) for c in name)


def _spelt_out(character: str) -> str:
    """`\\x1b`, `\\u202e`; a byte that is no UTF-8 is `\\xff`."""
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:  # how surrogateescape keeps a byte
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def read(folder: Path, steps: list[str]) -> Submission:
    """The Python files of the named steps, from `exercises/NN_step/` or `NN_step/` in a learner's folder.

    Symbolic links are not followed. UserError: a file is there and cannot be read (it is not taken as missing, since
    that would cost marks), or the folder is a link or gone.
    """
    if folder.is_symlink():
        raise UserError(
            "is a symbolic link, and may lead to somebody else's work",
            where=str(folder),
            next_step="put a copy of the folder in its place, or remove it",
        )
    if not folder.is_dir():  # removed since the run began: that is not "nothing handed in"
        raise UserError("is not there any more", where=str(folder), next_step="put it back, then run again")
    files: dict[str, dict[str, bytes]] = {}
    notes: list[str] = []
    for step in steps:
        for place in (folder / "exercises" / step, folder / step):
            for path, source in _sources(place, folder, notes):
                if path.name in files.setdefault(step, {}):
                    notes.append(
                        f"left out {path.relative_to(folder).as_posix()}: exercises/{step} has one of that name"
                    )
                else:
                    files[step][path.name] = source
    return Submission(learner_name(folder), files, tuple(notes))


def _sources(place: Path, folder: Path, notes: list[str]) -> Iterator[tuple[Path, bytes]]:
    """Each regular .py file in `place`; what is not taken is noted, with the reason."""
    try:
        for path in (place.parent, place):
            if path != folder and path.is_symlink():
                note = f"left out {path.relative_to(folder).as_posix()}: a symbolic link"
                notes += [note] if note not in notes else []
                return
        if not place.is_dir():
            return
        paths = sorted(path for path in place.iterdir() if path.suffix == ".py")
    except OSError as error:
        raise _unreadable(place, error) from None
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            if path.is_symlink() or not path.is_file():
                notes.append(f"left out {name}: not a regular file")
            elif path.stat().st_size > MAX_FILE:
                notes.append(f"left out {name}: larger than {MAX_FILE >> 10} KiB")
            else:
                yield path, path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"cannot be read: {error.strerror}", where=str(path), next_step="check its rights, then run again")
