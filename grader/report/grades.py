"""grades.csv: points earned, one row a learner."""

from __future__ import annotations

import csv
import io

from grader.course import Module
from grader.model import Score
from grader.scoring import points


def grades_csv(scores: dict[str, Score], modules: list[Module]) -> str:
    """`learner,01_value/pure,...,total`; rows sorted by learner."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["learner", *(module.key for module in modules), "total"])
    for learner in sorted(scores):
        score = scores[learner]
        writer.writerow([learner, *(points(score.earned[module.key]) for module in modules), points(score.total)])
    return out.getvalue()
