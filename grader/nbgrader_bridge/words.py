"""What the gradebook, formgrader and the feedback show as words: comments, verdicts, code, names. Pure.

nbgrader writes some of it into its pages as HTML (a comment as Markdown, a student's id and name as they are), so it is
made inert here. Imports model, scoring and the report's sentences.
"""

from __future__ import annotations

import re
import textwrap

from grader.model import FAULT, GRADED, NOT_GRADED, PASSED, Grade, Mark, ModuleResult, Outcome, Person
from grader.report.sentences import absent, short, shown, spelt, why
from grader.scoring import points

WIDTH = 100  # characters of a line: a comment is a block of code in the feedback, and code does not wrap
INDENT = "    "  # what makes a block of code of each line in Markdown: nothing in it is markup, HTML or mathematics
MOST_CODE = 200_000  # characters of a module that are shown; colouring more of them keeps formgrader busy
LONGEST_NAME = 128  # characters, the gradebook's columns
# A student's id becomes a folder, a glob, a part of an address and raw HTML: it is made of what is inert in all four.
ID = re.compile(r"\w(?:[\w.@+~()' -]*[\w@+~)'-])?")
NAMES = str.maketrans({"<": "‹", ">": "›", '"': "'", ",": " ", "\\": "/"})  # noqa: RUF001  # commas: nbgrader export
FORMULA = "=+-@ "
UNKNOWN = "# It is not known what was handed in: its files are not where they were when it was graded."


def usable(learner: str) -> bool:
    """Whether nbgrader can have a student of this id."""
    return len(learner) <= LONGEST_NAME and ID.fullmatch(learner) is not None


def person(who: Person | None) -> dict[str, str]:
    """What the gradebook may know of a student: first_name, last_name, email, as far as a roster says."""
    if who is None:
        return {}
    cells = {re.sub(r"[^a-z]", "", key.lower()): value for key, value in who.cells.items()}
    first, last = cells.get("firstname", ""), cells.get("lastname", cells.get("surname", ""))
    if not (first and last):
        first, last = parts(who.name)
    email = next((cells[key] for key in ("email", "emailaddress") if cells.get(key)), "")
    found = {"first_name": first, "last_name": last, "email": email}
    return {key: inert for key, value in found.items() if (inert := name(value))}


def parts(whole: str) -> tuple[str, str]:
    """First and last name of "Ada Lovelace" and of "Lovelace, Ada"."""
    if "," in whole:
        last, _, first = whole.partition(",")
    else:
        first, _, last = whole.strip().rpartition(" ")
    return first.strip(), last.strip()


def name(text: str) -> str:
    """One line that is no HTML, no formula, and no two cells of nbgrader's export."""
    return short(text, LONGEST_NAME).translate(NAMES).lstrip(FORMULA)[:LONGEST_NAME].strip()


def comment(mark: Mark, grade: Grade) -> str:
    """All that the learner's page says of a module beside its points: why not all of them, and what to do about it."""
    parts = [[*mark.remarks]] if mark.remarks else []
    if mark.result is None or absent(mark):
        parts.append(["Not handed in."])
    else:
        found = mark.result.outcomes
        parts.append([f"{sum(one.status == PASSED for one in found)} of {len(found)} checks passed."])
        parts += [said(one, mark.result) for one in found if one.status != PASSED or why(one, mark.result)]
    if grade.state != GRADED:
        parts.insert(0, [f"{grade.state}: these points were given by hand"])
    return "\n\n".join("\n".join(block(line) for line in part) for part in parts)


def block(text: str) -> str:
    """Lines of a block of code in Markdown. No line is without its indent, so that nothing leaves the block."""
    return "\n".join(INDENT + line for line in lines(text))


def lines(text: str) -> list[str]:
    """Text that a learner may have written, in lines that fit on a page. None of them is empty."""
    return [
        part
        for line in shown(text).split("\n")
        for part in textwrap.wrap(line, WIDTH, break_on_hyphens=False, subsequent_indent="  ")
    ]


def said(outcome: Outcome, result: ModuleResult) -> list[str]:
    """One check's name, sentence, verdict and hint, as the learner's page words them."""
    reason = why(outcome, result)
    verdict = f"{status(outcome)}: {reason}" if reason else status(outcome)
    return [f"{outcome.check}: {outcome.sentence}", verdict, *hint(outcome)]


def status(outcome: Outcome) -> str:
    return NOT_GRADED if outcome.status == FAULT else outcome.status


def hint(outcome: Outcome) -> list[str]:
    return [f"Hint: {outcome.hint}"] if outcome.hint else []


def verdict(outcome: Outcome, result: ModuleResult, earned: float, possible: float) -> str:
    """What stands below a check's cell, as plain text."""
    head = f"{status(outcome)}, {points(earned)} of {points(possible)} points: {outcome.sentence}"
    reason = why(outcome, result)
    parts = [head, *([reason] if reason else []), *hint(outcome)]
    return "".join(f"{line}\n" for part in parts for line in lines(part))


def code(source: bytes | None, first: str) -> str:
    """A module as the text of its cell, below the cell's `first` line. What does not print is spelt out."""
    if source is None:
        return f"{first}{UNKNOWN}"
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = source.decode("latin-1")
    lines = text[:MOST_CODE].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = "\n".join("\t".join(spelt(part) for part in line.split("\t")) for line in lines).rstrip("\n")
    cut = f"\n# ... and {len(text) - MOST_CODE:,} characters more" if len(text) > MOST_CODE else ""
    return f"{first}{plain}{cut}"
