"""From a worker's reply to answers or a sentence for the learner.

Trusted side. The reply is plain data and nothing more is known about it, so every field is checked for its type, and
text is stripped of control characters before it goes anywhere.
"""

from __future__ import annotations

import unicodedata

from grader.marking.check import CheckFailed, Raised
from grader.wire import Data

MAX_TEXT = 300
# Quoted beside the reference too. Few: with many kinds of exceptions much can be spelt.
COMMON = (
    "AttributeError", "ImportError", "IndexError", "KeyError", "ModuleNotFoundError", "NameError", "OverflowError",
    "RuntimeError", "SyntaxError", "TypeError", "ValueError", "ZeroDivisionError",
)  # fmt: skip
FORGED = "the code answered in the place of the grader's worker"


def clean(text: Data) -> str:
    """Printable text on one line, at most MAX_TEXT characters; anything but a str becomes ""."""
    if type(text) is not str:
        return ""
    shown = text[: 2 * MAX_TEXT]
    if not shown.isprintable():
        shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in shown)
    return " ".join(shown.split())[:MAX_TEXT]


def answers(reply: Data, count: int, quotable: frozenset[str] | None = None) -> list[Data] | Raised:
    """The probe's `count` values, or how it ended. CheckFailed: the reply is not one that our worker sends.

    `quotable` is given where the learner's code runs beside the reference's, whose text it can read: from there only
    these names and the commonest exceptions are quoted. None: the learner's words are quoted to the learner.
    """
    values = reply.get("values") if type(reply) is dict and len(reply) == 1 else None
    if type(values) is list and len(values) == count:
        return list(values)
    for how in ("raised", "loading"):
        if type(reply) is dict and list(reply) == [how] and type(reply[how]) is dict:
            return _raised(reply[how], how == "loading", quotable)
    raise CheckFailed(FORGED, cause="died")


def _raised(report: dict[str, Data], loading: bool, quotable: frozenset[str] | None) -> Raised:
    kinds = report.get("kinds")
    if type(kinds) is not list or not kinds or len(kinds) > 50:
        raise CheckFailed(FORGED, cause="died")
    names = tuple(clean(kind) for kind in kinds)
    reason = _reason(names[0], report) if quotable is None else _guarded_reason(names[0], report, quotable)
    return Raised(names, clean(report.get("text")), reason, loading)


def _missing(report: dict[str, Data]) -> tuple[str, str] | None:
    """The module and the name that it lacks, where that is what happened."""
    missing = report.get("missing")
    return (clean(missing[0]), clean(missing[1])) if type(missing) is list and len(missing) == 2 else None


def _reason(kind: str, report: dict[str, Data]) -> str:
    """The learner's sentence: what was raised, where in the learner's own file, and the text."""
    missing = _missing(report)
    if missing is not None:
        return f"{missing[0]}.py does not define {missing[1]}"
    text = clean(report.get("text"))
    if kind in ("WrongAnswer", "NotImplementedError") and text:
        return text
    if kind == "MemoryError":
        return "the code used more memory than it may"
    where = report.get("where")
    place = ""
    if type(where) is list and len(where) == 2 and type(where[1]) is int:
        place = f" in {clean(where[0])}, line {where[1]}"
    return f"raised {kind}{place}" + (f": {text}" if text else "")


def _guarded_reason(kind: str, report: dict[str, Data], quotable: frozenset[str]) -> str:
    """The same where the learner's words could hold the reference's text: out of a fixed number of sentences."""
    missing = _missing(report)
    if missing is not None and quotable.issuperset(missing):
        return f"{missing[0]}.py does not define {missing[1]}"
    if kind == "WrongAnswer":
        return "the answer is not of the kind that was asked for"
    if kind == "NotImplementedError":
        return "is not written yet: it raises NotImplementedError"
    if kind == "MemoryError":
        return "the code used more memory than it may"
    return f"raised {kind}" if kind in COMMON else "raised an exception: the public tests show which"
