"""Archives as hand-ins, read in memory and never unpacked to disk. Trusted side.

Nothing an archive says of itself is believed: what counts is what comes out of it, and that is capped.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self, cast

from grader.errors import UserError
from grader.intake.tree import MAX_ENTRIES, Entry, Notes, is_work, printable, unreadable

MAX_ARCHIVE = 64 << 20  # bytes, as handed in
MAX_TAR = 64 << 20  # bytes, unpacked
MAX_DIRECTORY = 2 << 20  # bytes of a zip's list of members
MAX_HEADER = 64 << 10  # bytes of a tar's header about a header; the usual one has a hundred
LONG_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
ZIP, TAR = (".zip",), (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
NOT_READ = (".rar", ".7z", ".tar.zst", ".tar.lz")  # archives too: that is said, and they are not passed by
ENDINGS = sorted((*ZIP, *TAR, *NOT_READ), key=len, reverse=True)
MAGIC: dict[bytes, Callable[[io.BytesIO], io.BufferedIOBase]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
NESTED = "an archive within an archive"
ENCRYPTED = 0x1  # bit of a zip member's flags
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the two that Python unpacks in bounded steps
# What zipfile, tarfile and the decompressors raise at broken data: found in their sources and by fuzzing.
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, EOFError, OSError, ValueError, LookupError, RuntimeError,
    TypeError, AttributeError, ArithmeticError, MemoryError, zlib.error, struct.error,
)  # fmt: skip


def stem(name: str) -> str | None:
    """The name of an archive without its ending; None: it is no archive."""
    for ending in ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return None


def walk(archive: Path, wanted: Callable[[str], bool], notes: Notes) -> Iterator[Entry]:
    """The regular files in an archive whose name is wanted. UserError: it cannot be read, or is too large."""
    try:
        if archive.stat().st_size > MAX_ARCHIVE:
            raise too_large(archive, f"is larger than {MAX_ARCHIVE >> 20} MiB")
        content = archive.read_bytes()
    except OSError as error:
        raise unreadable(archive, error) from None
    if not archive.name.lower().endswith((*ZIP, *TAR)):
        raise UserError(
            "is packed in a way that is not read here",
            where=printable(str(archive)),
            next_step="put what is in it into a folder of that name, or ask for a zip",
        )
    members = _zipped if archive.name.lower().endswith(ZIP) else _tarred
    try:
        yield from members(archive, content, wanted, notes)
    except BROKEN as error:
        raise broken(archive, error) from None


def broken(archive: Path, error: BaseException) -> UserError:
    return UserError(
        f"cannot be read as an archive: {printable(str(error))[:200] or type(error).__name__}",
        where=printable(str(archive)),
        next_step="ask for another copy, or put what is in it into a folder of that name",
    )


def too_large(archive: Path, what: str) -> UserError:
    return UserError(what, where=printable(str(archive)), next_step="leave only what is to be graded in it")


def place_of(name: str) -> PurePosixPath | None:
    """Where a member belongs; None: outside, in a hidden folder, or nowhere. Some programs write backslashes."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    inside = parts and "\0" not in name and ".." not in parts and not name.startswith("/") and ":" not in parts[0]
    return PurePosixPath(*parts) if inside else None


def _taken(name: str, wanted: Callable[[str], bool], notes: Notes) -> PurePosixPath | None:
    """The place of a member that is wanted; one that leads outside is noted, and so is an archive."""
    file = name.replace("\\", "/").rpartition("/")[2]
    place = place_of(name)
    is_hidden = place is not None and not all(is_work(part) for part in place.parts)
    if stem(file) is not None and not is_hidden:
        notes.left_out(name, NESTED)
    if not wanted(file):
        return None
    if place is None:
        notes.left_out(name, "its name leads out of the archive")
        return None
    return None if is_hidden else place


def _zipped(archive: Path, content: bytes, wanted: Callable[[str], bool], notes: Notes) -> Iterator[Entry]:
    whole = zipfile.ZipFile(_Careful(content))
    if len(whole.infolist()) > MAX_ENTRIES:
        raise too_large(archive, f"holds more than {MAX_ENTRIES:,} files")
    for member in whole.infolist():
        place = _taken(member.filename, wanted, notes)
        if place is None:
            continue
        mode = member.external_attr >> 16
        if member.is_dir() or (mode and mode >> 12 not in (0, 0o10)):  # 0o10: a regular file, in the Unix half
            notes.left_out(place, "not a regular file")
        else:
            yield Entry(place, partial(_unzip, archive, whole, member))


def _unzip(archive: Path, whole: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    name = printable(member.filename)
    where, next_step = printable(str(archive)), "ask for another copy"
    if member.flag_bits & ENCRYPTED:
        raise UserError(f"{name} in it is encrypted", where=where, next_step=next_step)
    if member.compress_type not in METHODS:
        raise UserError(f"{name} in it is packed by a method that is not read here", where=where, next_step=next_step)
    try:
        with whole.open(member) as file:
            return file.read(limit)
    except BROKEN as error:
        raise UserError(f"{name} in it is damaged ({type(error).__name__})", where=where, next_step=next_step) from None


class _Careful(io.BytesIO):
    """A zip file whose list of members is not read when it is too long: a member of it costs more than its length."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if len(found) > MAX_DIRECTORY:
            raise zipfile.BadZipFile("its list of members is too long")
        return found


class Bounded(tarfile.TarInfo):
    """A tar's header whose size is one that an honest tar has.

    Headers about headers are searched by patterns whose time grows with the square of their length (CVE-2024-6232), and
    a negative size leads in circles (CVE-2025-8194); the Python that grades need not have these mended.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As tarfile's. ReadError: a size that is none."""
        header = super().frombuf(buf, encoding, errors)
        about = header.type in (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *LONG_NAMES)
        if header.size < 0 or (about and header.size > MAX_HEADER):
            raise tarfile.ReadError("it has a header of an impossible size")
        return header


def _tarred(archive: Path, content: bytes, wanted: Callable[[str], bool], notes: Notes) -> Iterator[Entry]:
    unpacked = io.BytesIO(_unpacked(archive, content))
    whole = tarfile.TarFile(fileobj=unpacked, tarinfo=Bounded)
    for _ in range(MAX_ENTRIES):
        member = whole.next()
        if member is None:
            return ended(whole)
        whole.members.clear()  # type: ignore[attr-defined]  # else each is kept, with a copy of all it inherits
        place = _taken(member.name, wanted, notes)
        if place is not None and not member.isreg():
            notes.left_out(place, "not a regular file")
        elif place is not None:
            yield Entry(place, partial(_untar, archive, whole, member))
    raise too_large(archive, f"holds more than {MAX_ENTRIES:,} files")


def ended(whole: tarfile.TarFile) -> None:
    """ReadError: what tarfile takes for the end is none, and whatever comes after it would be lost without a word.

    It also stops at a header that it cannot read. An end is a block of zeros (POSIX.1-2017, pax: ustar format).
    """
    file = cast("BinaryIO", whole.fileobj)
    file.seek(whole.offset)
    if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise tarfile.ReadError("it ends too early, or is damaged on the way")


def _unpacked(archive: Path, content: bytes) -> bytes:
    for magic, opened in MAGIC.items():
        if content.startswith(magic):
            found = opened(io.BytesIO(content)).read(MAX_TAR + 1)
            break
    else:
        found = content
    if len(found) > MAX_TAR:
        raise too_large(archive, f"unpacks to more than {MAX_TAR >> 20} MiB")
    return found


def _untar(archive: Path, whole: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes:
    try:
        file = whole.extractfile(member)
        found = file.read(limit) if file is not None else b""
    except BROKEN as error:
        problem = type(error).__name__
    else:
        if len(found) == min(limit, member.size):
            return found
        problem = "it ends too early"
    raise UserError(
        f"{printable(member.name)} in it is damaged ({problem})",
        where=printable(str(archive)),
        next_step="ask for another copy",
    )
