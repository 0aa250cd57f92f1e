"""grades.csv: points earned, one row a learner."""

from __future__ import annotations

import csv
import io

from grader.course import Module
from grader.model import Score
from grader.scoring import points

FORMULA = ("=", "+", "-", "@")  # what makes a spreadsheet compute a cell instead of showing it


def shown(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula: one that looks like it gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA) else text


def grades_csv(scores: dict[str, Score], modules: list[Module]) -> str:
    """`learner,01_value/pure,...,total`; rows sorted by learner."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["learner", *(module.key for module in modules), "total"])
    for learner in sorted(scores):
        score = scores[learner]
        writer.writerow(
            [shown(learner), *(points(score.earned[module.key]) for module in modules), points(score.total)]
        )
    return out.getvalue()
