"""A file for learner code to read, where nothing can be written: its bytes are in memory, its path is in /proc.

Untrusted side: runs in the worker, beside the learner's modules. Imports the standard library only.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SCRATCH = 4  # in the jail: the descriptor of the worker's scratch file, which holds 64 KiB

_realpath = os.path.realpath


def _stay(path: str | os.PathLike[str], **options: bool) -> str:
    """os.path.realpath (and so Path.resolve), which would make of a path in /proc/self/fd one that nobody can open."""
    return os.fspath(path) if os.fspath(path).startswith("/proc/self/fd/") else _realpath(path, **options)


os.path.realpath = _stay


def path_of(content: bytes) -> str:
    """The path of a file that holds `content`, until the next call."""
    try:
        descriptor = os.memfd_create("scratch")
    except PermissionError:  # in the jail, where one was made in advance
        descriptor = SCRATCH
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, content)
    return f"/proc/self/fd/{descriptor}"


@contextmanager
def latin_1_computer() -> Iterator[None]:
    """Inside, text files are Latin-1 wherever open() is not told their encoding, as on many a computer."""
    real = builtins.open, io.open, io.text_encoding

    def stand_in(
        file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, *others: Any, **named: Any
    ) -> Any:
        if "b" not in mode and encoding in (None, "locale"):
            encoding = "latin-1"
        return real[0](file, mode, buffering, encoding, *others, **named)

    builtins.open = io.open = stand_in
    io.text_encoding = lambda encoding, stacklevel=2: encoding or "locale"  # pathlib asks it
    try:
        yield
    finally:
        builtins.open, io.open, io.text_encoding = real
