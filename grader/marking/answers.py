"""From a worker's reply to answers or a sentence for the learner.

Trusted side. The reply is plain data and nothing more is known about it, so every field is checked for its type, and
text is stripped of control characters before it goes anywhere.
"""

from __future__ import annotations

import unicodedata

from grader.marking.check import CheckFailed, Raised
from grader.wire import Data

MAX_TEXT = 300
FORGED = "the code answered in the place of the grader's worker"


def clean(text: Data) -> str:
    """Printable text on one line, at most MAX_TEXT characters; anything but a str becomes ""."""
    if type(text) is not str:
        return ""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[: 2 * MAX_TEXT])
    return " ".join(shown.split())[:MAX_TEXT]


def answers(reply: Data, count: int, show_text: bool) -> list[Data] | Raised:
    """The probe's `count` values, or how it ended. CheckFailed: the reply is not one that our worker sends.

    `show_text` is false where the learner's code runs beside the reference: what it raises there could quote it.
    """
    values = reply.get("values") if type(reply) is dict and len(reply) == 1 else None
    if type(values) is list and len(values) == count:
        return list(values)
    for how in ("raised", "loading"):
        if type(reply) is dict and list(reply) == [how] and type(reply[how]) is dict:
            return _raised(reply[how], how == "loading", show_text)
    raise CheckFailed(FORGED, cause="died")


def _raised(report: dict[str, Data], loading: bool, show_text: bool) -> Raised:
    kinds = report.get("kinds")
    if type(kinds) is not list or not kinds or len(kinds) > 50:
        raise CheckFailed(FORGED, cause="died")
    names = tuple(clean(kind) for kind in kinds)
    return Raised(names, clean(report.get("text")), _reason(names[0], report, show_text), loading)


def _reason(kind: str, report: dict[str, Data], show_text: bool) -> str:
    """The learner's sentence: what was raised, where in the learner's own file, and the text where it may be shown."""
    missing = report.get("missing")
    if type(missing) is list and len(missing) == 2:
        return f"{clean(missing[0])}.py does not define {clean(missing[1])}"
    text = clean(report.get("text")) if show_text else ""
    if kind in ("WrongAnswer", "NotImplementedError") and text:
        return text
    if kind == "NotImplementedError" and not show_text:
        return "is not written yet: it raises NotImplementedError"
    if kind == "MemoryError":
        return "the code used more memory than it may"
    where = report.get("where")
    place = ""
    if type(where) is list and len(where) == 2 and type(where[1]) is int and show_text:
        place = f" in {clean(where[0])}, line {where[1]}"
    return f"raised {kind}{place}" + (f": {text}" if text else "")
