"""What a grade says, in words. Used by every format."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from grader.model import (
    FAILED,
    FAULT,
    GRADED,
    NOT_GRADED,
    NOT_RUN,
    NOTHING,
    PASSED,
    REFERENCE,
    Grade,
    Mark,
    ModuleResult,
    Outcome,
)
from grader.scoring import days, points

CAUSES = {"timed out": "timed out", "died": "ended the process", "forbidden": "used a forbidden call"}
LONGEST = 2_000  # characters of one text: a learner may have written it
NAME = 80  # characters of what stands in a table's cell or in a line with others
FLAG = 200  # characters of a flag, which a sentence or two fill
PILED = 3  # accents upon one letter; more of them would be drawn over the neighbouring lines
# What intake says of a file in another place or encoding, and of whose it is; all its other notes leave a doubt.
PLAIN_NOTE = re.compile(
    r"took .* from |read .* as .*, which it is saved in$|from |the repository's name is taken without |"
    r".* of the roster$"
)


def verdict(outcome: Outcome, result: ModuleResult) -> str:
    """For the learner, one sentence: passed, passed on top of the reference, or why not."""
    named = {FAULT: NOT_GRADED, NOT_RUN: ""}.get(outcome.status, outcome.status)
    return ": ".join(part for part in (named, why(outcome, result)) if part)


def why(outcome: Outcome, result: ModuleResult) -> str:
    """What there is to say to the learner beside the status; empty for a check that simply passes.

    The words of a fault are not for learners: they may quote the hidden test that failed, and its inputs.
    """
    if outcome.status == PASSED:
        return f"your {result.step} is right; it fails on top of your earlier steps" if carried(outcome) else ""
    if outcome.status == FAULT:
        return "this is not your fault; ask your instructor"
    return outcome.reason or f"no reason is known ({outcome.cause or outcome.status})"


def carried(outcome: Outcome) -> bool:
    """Whether a check failed on top of the learner's own earlier steps, and passes on the reference's."""
    return outcome.chain == REFERENCE and not outcome.reason  # with a reason: there were no own ones to fail on


def why_not_graded(grade: Grade) -> str:
    """The same for the learner who is not graded: of a fault only which check it was.

    Of a hand-in that cannot be read it is what is wrong with which file. Where that lies on the instructor's machine,
    and what the instructor may do about it (the next line of a UserError), stays in the instructor's report.
    """
    for key in grade.marks:
        if grade.why.startswith(f"{key} "):
            return grade.why.partition(":")[0]
    where, colon, what = grade.why.partition("\n")[0].partition(": ")
    return f"{where.rpartition('/')[2]}{colon}{what}" if colon else where


def outcomes(grade: Grade) -> list[Outcome]:
    """All outcomes that count for a learner, in the order of the course."""
    return [outcome for mark in grade.marks.values() if mark.result is not None for outcome in mark.result.outcomes]


def causes(grade: Grade) -> Counter[str]:
    """How many checks failed of which cause."""
    return Counter(outcome.cause for outcome in outcomes(grade))


def count(grade: Grade) -> tuple[int, int]:
    """Checks passed, of how many."""
    found = outcomes(grade)
    return sum(outcome.status == PASSED for outcome in found), len(found)


def first_to_mend(grade: Grade) -> tuple[Outcome, ModuleResult] | None:
    """The first check, in the order of the course, that a learner who handed the module in did not pass."""
    for mark in grade.marks.values():
        if mark.result is None or mark.absent:
            continue
        for outcome in mark.result.outcomes:
            if outcome.status == FAILED:
                return outcome, mark.result
    return None


def not_handed_in(grade: Grade) -> list[str]:
    """The keys of the modules that a learner who handed something in did not hand in."""
    if grade.state == NOTHING or all(mark.result is None for mark in grade.marks.values()):
        return []
    return [key for key, mark in grade.marks.items() if mark.absent]


def absent(mark: Mark) -> bool:
    """Whether a module was not handed in, points given by hand or not."""
    return mark.absent


def said_of_all(grade: Grade) -> list[str]:
    """The remarks that each module has (of those that were handed in, if there are any): said once, above them."""
    marks = list(grade.marks.values())
    some = [mark for mark in marks if not mark.absent] or marks
    return [line for line in some[0].remarks if all(line in mark.remarks for mark in some)] if len(some) > 1 else []


def of_points(grade: Grade, key: str) -> str:
    """What a learner has for a module: points of how many; where there is no number, why."""
    number, mark = grade.number(key), grade.marks[key]
    return grade.state if number is None else f"{points(number)} of {counted(mark.possible, 'point')}"


def without_checks(grade: Grade, mark: Mark) -> str:
    """What stands in place of the checks of a module without any: what cannot be read may well have been handed in."""
    if mark.result is None and grade.state == GRADED and mark.by_hand:
        return "No check could run: people have given the points."
    return "Not graded." if mark.result is None and grade.state == NOT_GRADED else "Not handed in."


def counted(number: float, noun: str) -> str:
    """1 point, 7.5 points, 10,000 learners."""
    return f"{amount(number)} {noun if number == 1 else f'{noun}s'}"


def amount(number: float) -> str:
    """A number as people write it within a sentence: 7, 7.5, 10,000."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def lateness(mark: Mark) -> str:
    """How late a module came and what that costs: 2 days (-0.6)."""
    return f"{days(mark.days_late)} ({f'-{points(mark.penalty)}' if mark.penalty else 'costs nothing'})"


def undated(grade: Grade) -> str:
    """Of whose work it is not known when it came, though there is a deadline: "all", or which modules; "": of none."""
    keys = [key for key, mark in grade.marks.items() if mark.undated]
    return "all" if keys and all(mark.undated or mark.absent for mark in grade.marks.values()) else ", ".join(keys)


def to_look_at(grade: Grade) -> list[str]:
    """What intake could not read, left out, or was not sure of."""
    return [note for note in grade.notes if not PLAIN_NOTE.match(note)]


def remark(grade: Grade) -> str:
    """The most telling things about a grade, short enough for a table's cell."""
    parts = [] if grade.state == GRADED else [grade.state.upper() if grade.why else grade.state]
    found = outcomes(grade)
    if found and grade.state == GRADED and all(mark.absent for mark in grade.marks.values()):
        parts.append("no module found")
    number_of = causes(grade)
    parts += [f"{_checks(number_of[cause])} {what}" for cause, what in CAUSES.items() if number_of[cause]]
    number = sum(map(carried, found))
    if number:
        parts.append(f"{_checks(number)} right on top of the reference")
    parts += _late(mark.days_late for mark in grade.marks.values())
    if any(mark.by_hand for mark in grade.marks.values()):
        parts.append("points given by hand")
    return ", ".join([*parts, *(short(flag, FLAG) for flag in grade.flags)])


def _checks(number: int) -> str:
    return counted(number, "check")


def _late(each: Iterable[int]) -> list[str]:
    late = {number for number in each if number}
    return [f"{'up to ' if len(late) > 1 else ''}{days(max(late))} late"] if late else []


def shown(text: str, longest: int = LONGEST) -> str:
    """Text that a learner may have written, for people to read: what does not print, or turns the line, is spelt out.

    Lines are kept. What is longer than anybody reads is cut, and so are heaps of accents.
    """
    cut = text if len(text) <= longest else f"{text[:longest]}... ({len(text):,} characters)"
    lines = "\n".join(spelt(line) for line in cut.split("\n"))
    return lines if lines.isascii() else _levelled(lines)


def short(text: str, longest: int = NAME) -> str:
    """The same on one line and no longer than a name, or than asked for."""
    return " ".join(shown(text, longest).split())


def spelt(text: str) -> str:
    """The text with escapes in place of what does not print, line ends too."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _code(c) for c in text)


def _code(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _levelled(text: str) -> str:
    """The text with no more than PILED accents upon a letter."""
    kept, piled = [], 0
    for character in text:
        piled = piled + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if piled <= PILED:
            kept.append(character)
    return "".join(kept)
