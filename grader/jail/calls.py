"""Calls of a probe, and a plain description of the exception that may end it.

Untrusted side: runs in the worker. Imports the standard library only. Everything here is the learner's word: learner
code shares the process and can say what it likes, so the trusted side never takes a verdict from it.
"""

from __future__ import annotations

import re
from types import ModuleType

MAX_TEXT = 200  # characters of an exception's text
MISSING_NAME = re.compile(r"cannot import name '(\w+)' from '(\w+)'")


def describe(error: BaseException, files: set[str]) -> dict[str, object]:
    """Name, bases and text of an exception, and the last line of a learner's file that it passed through."""
    report: dict[str, object] = {
        "kinds": [kind.__name__ for kind in type(error).__mro__ if kind is not object],
        "text": text_of(error),
    }
    missing = missing_name(error)
    if missing is not None:
        report["missing"] = missing
    if isinstance(error, SyntaxError) and error.filename in files:
        report["where"] = [error.filename, int(error.lineno or 0)]
        report["text"] = clip(str(error.msg))
        return report
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename in files:
            report["where"] = [step.tb_frame.f_code.co_filename, step.tb_lineno]
        step = step.tb_next
    return report


def text_of(error: BaseException) -> str:
    """`str(error)`, cut; a learner's exception may have a `__str__` that does anything."""
    try:
        return clip(str(error))
    except BaseException as another:
        return f"(its text cannot be shown: {type(another).__name__})"


def clip(text: str) -> str:
    """At most MAX_TEXT characters, on one line, encodable."""
    line = " ".join(text.split()).encode("utf-8", "replace").decode()
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 3] + "..."


def missing_name(error: BaseException) -> list[str] | None:
    """[module, name] when the error says that a module lacks a name that was asked of it."""
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType) and type(error.name) is str:
        return [error.obj.__name__, error.name]
    found = MISSING_NAME.match(str(error)) if isinstance(error, ImportError) else None
    return [found[2], found[1]] if found else None


def call(namespace: dict[str, object], probe: str, cases: list[list[object]], files: set[str]) -> dict[str, object]:
    """{"values": [...]}, one for each list of arguments, or {"raised": description} of the first that raised."""
    try:
        return {"values": [namespace[probe](*args) for args in cases]}  # type: ignore[operator]  # a probe is a function
    except BaseException as error:
        return {"raised": describe(error, files)}
