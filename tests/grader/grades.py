"""Grades made by hand, for the tests of everything that takes grades: no course, no records, no learner code."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from grader.course import CheckSpec, Module
from grader.model import (
    FAILED,
    FAULT,
    GRADED,
    NOT_GRADED,
    NOT_RUN,
    NOTHING,
    OWN,
    PASSED,
    REFERENCE,
    Grade,
    Mark,
    ModuleResult,
    Outcome,
    Person,
)
from grader.report.page import ClassPage, Run

CHECKS = {
    "test_rows_sum_to_one": (2.0, "Each row sums to one.", "What do you divide by?"),
    "test_large_logits": (1.0, "Large logits do not overflow.", "Subtract the largest first."),
    "test_empty_list": (0.5, "An empty list raises ValueError.", "Check the length before anything else."),
}
NAMES = ("value", "backward", "softmax", "linear", "embedding", "attention", "block", "model", "adam", "train")

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(2)> \"quoted\" 'single' {{ 7 * 7 }} ](javascript:alert(3)) "
    "![picture](http://evil.example/a.png) <http://evil.example> https://evil.example www.evil.example "
    "\u202egnp.exe\u202c \x1b[31mred\x1b[0m \x00 \u2028 **bold** _em_ `code`\n```\n# heading\n---\n1. one\n"
    "</style> &amp; "
)
LONG = "x" * 10_000


def modules(steps: int = 3, tracks: Sequence[str] = ("pure", "torch")) -> list[Module]:
    """The modules of a course of so many steps: three checks each, 3.5 points."""
    specs = {name: CheckSpec(name, worth, hint) for name, (worth, _, hint) in CHECKS.items()}
    return [
        Module(f"{number:02}_{name}", track, name if track == "pure" else f"{name}_torch", specs)
        for number, name in enumerate(NAMES[:steps], 1)
        for track in tracks
    ]


def outcome(check: str, kind: str = PASSED, reason: str = "") -> Outcome:
    """How one check ended: a status, or a cause of failure, or "carried" for right on top of the reference."""
    _, sentence, hint = CHECKS[check]
    if kind in (PASSED, "carried"):
        return Outcome(check, PASSED, sentence, chain=OWN if kind == PASSED else REFERENCE)
    if kind in (FAULT, NOT_RUN):
        return Outcome(check, kind, sentence, reason=reason or "the machine ran out of memory")
    return Outcome(check, FAILED, sentence, kind, reason or f"softmax() was {kind}", "" if kind == "missing" else hint)


def mark(module: Module, *kinds: str, **fields: object) -> Mark:
    """A mark whose checks ended in these ways, in the order of CHECKS; `fields` of Mark on top. No kinds: no record."""
    if not kinds:
        return Mark(module.points, **fields)  # type: ignore[arg-type]  # fields by name
    found = tuple(outcome(check, kind) for check, kind in zip(CHECKS, kinds, strict=True))
    earned = sum(module.checks[one.check].points for one in found if one.status == PASSED)
    whole = {"earned": earned, "points": earned, **fields}
    return Mark(module.points, ModuleResult(module.step, module.track, found), **whole)  # type: ignore[arg-type]  # fields by name


def missing(module: Module) -> Mark:
    """The mark of a module that was not handed in."""
    return mark(module, "missing", "missing", "missing")


def passed(module: Module) -> Mark:
    return mark(module, PASSED, PASSED, PASSED)


def grade(learner: str, marks: Iterable[Mark], of: Iterable[Module], **fields: object) -> Grade:
    """A graded learner with these marks for these modules; `fields` of Grade on top."""
    state = fields.pop("state", GRADED)
    by_key = dict(zip((module.key for module in of), marks, strict=True))
    return Grade(learner, state, by_key, **fields)  # type: ignore[arg-type]  # fields by name


def class_page(run: Run, grades: Iterable[Grade], of: list[Module], pages: Mapping[str, str] | None = None) -> str:
    """The page of a whole class; `pages` are the links to learners' own, by learner."""
    page = ClassPage(run, of)
    for one in grades:
        page.add(one, (pages or {}).get(one.learner, ""))
    return page.html()


def small_class(of: list[Module]) -> list[Grade]:
    """One learner of each kind that a report has to show, for a course of three steps and two tracks."""
    late = {"days_late": 2, "penalty": 0.6, "attempt": "attempt 2"}
    lateness = (
        "2 days late, handed in 2026-11-05 09:00 UTC, due 2026-11-03 12:00 UTC: 20% of the points are taken (0.6)"
    )
    given = "set to 2 points by hand: shown in class"
    mixed = [
        passed(of[0]),
        mark(of[1], PASSED, "wrong", PASSED, points=1.9, remarks=(lateness,), **late),
        mark(of[2], "timed out", "raised", PASSED),
        mark(of[3], PASSED, "carried", "forbidden"),
        mark(of[4], "missing", "missing", "missing", points=2.0, by_hand=True, remarks=(given,)),
        missing(of[5]),
    ]
    faulty = [
        mark(module, FAULT, NOT_RUN, NOT_RUN) if number == 2 else passed(module) for number, module in enumerate(of)
    ]
    unread = "hand-in.zip: is not a zip file"
    return [
        grade("ada", [passed(module) for module in of], of, name="Ada Lovelace", person=Person("ada", "Ada Lovelace")),
        grade(
            "bob", mixed, of, name="Bob Ünal", flags=("all public tests of 03_softmax pass, its hidden ones fail",),
            notes=("took softmax.py from hand-in/final2/", "left out notes.txt: not a module"),
        ),
        grade("cyd", [mark(module) for module in of], of, state=NOT_GRADED, why=unread),
        grade("dan", [mark(module) for module in of], of, state=NOTHING, name="Dan", person=Person("dan", "Dan")),
        grade("eve", faulty, of, state=NOT_GRADED, why="02_backward/pure test_rows_sum_to_one: no memory left"),
        grade("finn", [missing(module) for module in of], of),
        grade("gus", [passed(module) if number < 3 else missing(module) for number, module in enumerate(of)], of),
    ]  # fmt: skip


def hostile(of: list[Module]) -> Grade:
    """Markup, control characters and 10,000 letters in everything that a learner or a roster may have written."""
    first = ModuleResult(of[0].step, of[0].track, (
        Outcome("test_rows_sum_to_one", FAILED, "Each row sums to one.", "raised", HOSTILE + LONG, "What now?"),
        Outcome("test_large_logits", FAILED, "Large logits do not overflow.", "wrong", HOSTILE, "What now?"),
    ))  # fmt: skip
    marks = [Mark(3.5, first, remarks=(HOSTILE,), attempt=HOSTILE), *(missing(module) for module in of[1:])]
    return grade(
        HOSTILE, marks, of, name=HOSTILE + LONG, notes=(HOSTILE, HOSTILE + LONG), flags=(HOSTILE,), why=HOSTILE
    )


def large_class(of: list[Module], learners: int = 300, seed: int = 1) -> list[Grade]:
    """A class as classes are: most have most of the early steps, some are late, a few are not graded."""
    rng = random.Random(seed)
    found = []
    for number in range(learners):
        skill, diligence = rng.betavariate(4, 1.5), rng.betavariate(5, 2)
        name = (
            rng.choice(("Ada", "Zoë", "Jürgen", "Nguyễn", "Olu"))
            + " "
            + rng.choice(("Brown", "Ünal", "Văn An", "Okafor"))
        )
        marks = []
        for place, module in enumerate(of):
            if place / len(of) > diligence + rng.uniform(-0.1, 0.15):
                marks.append(missing(module))
                continue
            kinds = [
                PASSED if rng.random() < skill else rng.choice(("wrong", "wrong", "raised", "timed out"))
                for _ in CHECKS
            ]
            days = int(rng.random() < 0.04)
            marks.append(mark(module, *kinds, days_late=days, remarks=("1 day late",) * days))
        fields: dict[str, object] = {"name": name}
        if number % 50 == 7:
            fields |= {"state": NOTHING}
            marks = [mark(module) for module in of]
        elif number % 70 == 9:
            fields |= {"state": NOT_GRADED, "why": "03_softmax/pure test_empty_list: the worker could not be started"}
        elif number % 60 == 3:
            fields |= {"flags": ("passes every public test of 04_linear, none of its hidden twins",)}
        found.append(grade(f"s{number:04}", marks, of, **fields))
    return found
