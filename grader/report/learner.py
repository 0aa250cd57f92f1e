"""One learner's report: a self-contained HTML page, and the same as Markdown text.

Nothing here is for instructors only: no flag, no words of a fault, nobody else's name.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace

from markupsafe import Markup

from grader.course import Module
from grader.model import FAULT, GRADED, NOT_GRADED, NOTHING, Grade, Mark, ModuleResult, Status
from grader.report.pages import environment, heat, inline, policy
from grader.report.sentences import (
    count,
    counted,
    first_to_mend,
    not_handed_in,
    of_points,
    said_of_all,
    short,
    shown,
    why,
    why_not_graded,
    without_checks,
)
from grader.scoring import points

MOST_NOTES = 50  # about how the files were read
MOST_KEPT = 10_000  # ways in which a check ended, as they are written: most learners of a class have the same

# What Markdown makes something of, GitHub's links without brackets among it; what only begins a line, at the beginning.
MARKUP = re.compile(
    r"([\\`*\[\]<>|~&@$!]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.|\#(?=\d)|^[#+=-]|^\d+[.)])", re.IGNORECASE
)


@dataclass(frozen=True)
class Next:
    """The one thing to do next."""

    what: str
    hint: str = ""
    step: str = ""  # whose public tests to run


def what_next(grade: Grade) -> Next | None:
    """The first failed check in the order of the course, else the first module that is missing; None: not known."""
    first = first_to_mend(grade)
    if first is not None:
        outcome, result = first
        return Next(f"Begin with {result.step} ({result.track}): {outcome.sentence}", outcome.hint, result.step)
    passed, of = count(grade)
    if grade.state != GRADED or not of:  # nothing was checked: people have given the points
        return None
    for key in not_handed_in(grade):
        step, _, track = key.rpartition("/")
        return Next(f"Go on with {step} ({track}), which was not handed in.", step=step)
    return Next("Nothing: every check passes.") if passed == of else None


def learner_page(title: str, seed: int, grade: Grade, modules: list[Module]) -> str:
    """The page: no script, nothing from elsewhere. Everything that learners wrote is escaped."""
    passed, of = count(grade)
    style = inline("style.css", "learner.css")
    return environment().get_template("learner.html").render(
        title=title, seed=seed, grade=grade, passed=passed, all=of, next=what_next(grade), told=_told(grade, modules),
        steps=list(dict.fromkeys(m.step for m in modules)), tracks=list(dict.fromkeys(m.track for m in modules)),
        missing=not_handed_in(grade), notes=_notes(grade), why_not_graded=why_not_graded(grade),
        of_points=of_points, without_checks=without_checks,
        general=said_of_all(grade), heat=heat, checks=_checks, style=style, policy=policy(style),
    )  # fmt: skip


def _told(grade: Grade, modules: list[Module]) -> dict[str, Mark]:
    """The marks about which there is more to say than their points, without the remarks that are about all of them."""
    general = said_of_all(grade)
    marks = {module.key: grade.marks[module.key] for module in modules}
    own = {
        key: replace(mark, remarks=tuple(one for one in mark.remarks if one not in general)) if general else mark
        for key, mark in marks.items()
    }
    return {key: mark for key, mark in own.items() if not mark.absent or mark.remarks}


def _checks(result: ModuleResult) -> Markup:
    """The checks of a module on the page; what its own template made of each is escaped."""
    return Markup("\n".join(_check(o.status, o.sentence, why(o, result), o.hint) for o in result.outcomes))


@functools.lru_cache(maxsize=MOST_KEPT)
def _check(status: Status, sentence: str, reason: str, hint: str) -> str:
    """One check as HTML."""
    template = environment().get_template("check.html")
    return template.render(status=status, said=_said(status), sentence=sentence, reason=reason, hint=hint)


@functools.lru_cache(maxsize=MOST_KEPT)
def _check_text(status: Status, sentence: str, reason: str, hint: str) -> str:
    """The same in Markdown."""
    lines = [f"- **{_said(status)}**: {text(sentence)}"]
    lines += [f"  - {text(reason)}"] if reason else []
    lines += [f"  - Hint: {text(hint)}"] if hint else []
    return "\n".join(lines)


def _said(status: Status) -> str:
    return NOT_GRADED if status == FAULT else status


def _notes(grade: Grade) -> list[str]:
    left = len(grade.notes) - MOST_NOTES
    return [*grade.notes[:MOST_NOTES], *([f"and {left} more"] if left > 0 else [])]


def learner_text(title: str, grade: Grade, modules: list[Module]) -> str:
    """The same in Markdown, for an e-mail or a comment field."""
    return (
        "\n\n".join([f"# {text(title)}", *_head(grade), *_next(grade), *_points(grade, modules), *_files(grade)]) + "\n"
    )


def _head(grade: Grade) -> list[str]:
    passed, of = count(grade)
    name = ", ".join(short(part) for part in (grade.learner, grade.name) if part)
    checks = f", {passed} of {of} checks passed" if of else ""
    total = f"{points(grade.total)} of {counted(grade.possible, 'point')}{checks}" if grade.counts else grade.state
    head = [f"{text(name)}: {total}."]
    if grade.state == NOT_GRADED:
        what = "Not all of this work could" if grade.counts else "This work could not"
        reason = why_not_graded(grade)
        head.append(f"{what} be graded. That is no judgement of it and costs you nothing; ask your instructor.")
        head += [text(reason)] if reason else []
    elif grade.state == NOTHING:
        head.append("Nothing was handed in under this name. If you did hand something in, ask your instructor.")
    return head


def _next(grade: Grade) -> list[str]:
    found = what_next(grade)
    if found is None:
        return []
    lines = ["## What to do next", text(found.what)]
    lines += [f"Hint: {text(found.hint)}"] if found.hint else []
    return lines + ([f"The public tests of this step: `pytest exercises/{found.step}`"] if found.step else [])


def _points(grade: Grade, modules: list[Module]) -> list[str]:
    """The overview, then each module of which there is more to say."""
    rows = []
    for module in modules:
        mark = grade.marks[module.key]
        number = grade.number(module.key)
        shown_as = "-" if mark.missing or number is None else f"{points(number)} of {points(mark.possible)}"
        rows.append(f"| {text(module.key)} | {shown_as} |")
    parts = ["## Points by step", "\n".join(["| module | points |", "|---|---|", *rows])]
    parts += ["\n".join(f"- {text(line)}" for line in general)] if (general := said_of_all(grade)) else []
    for key, mark in _told(grade, modules).items():
        parts += [f"## {text(key)}: {of_points(grade, key)}", *_module(grade, mark)]
    return parts


def _module(grade: Grade, mark: Mark) -> list[str]:
    parts = [f"From {text(short(mark.attempt))}."] if mark.attempt else []
    parts += ["\n".join(f"- {text(line)}" for line in mark.remarks)] if mark.remarks else []
    if mark.result is None or mark.absent:
        return [*parts, without_checks(grade, mark)]
    checks = [_check_text(one.status, one.sentence, why(one, mark.result), one.hint) for one in mark.result.outcomes]
    return [*parts, "\n".join(checks)]


def _files(grade: Grade) -> list[str]:
    notes = [f"- {text(note)}" for note in _notes(grade)]
    return ["## How your files were read", "\n".join(notes)] if notes else []


def text(words: str) -> str:
    """Words that stay words in Markdown: one line, and no character in them is markup."""
    return MARKUP.sub(_escaped, " ".join(shown(words).split()))


def _escaped(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\{found[0][-1]}"
