"""What a record says about one check, in words. Used by every format."""

from __future__ import annotations

from grader.model import FAILED, FAULT, PASSED, REFERENCE, ModuleResult, Outcome, Record

CAUSES = {"timed out": "timed out", "died": "ended the process", "forbidden": "used a forbidden call"}


def verdict(outcome: Outcome, result: ModuleResult) -> str:
    """One sentence: passed, passed on top of the reference, or why not."""
    if outcome.status == PASSED:
        if outcome.chain == REFERENCE:
            return f"passed: your {result.step} is right; it fails on top of your earlier steps"
        return "passed"
    if outcome.status == FAILED:
        return f"failed: {outcome.reason}"
    if outcome.status == FAULT:
        return f"not graded, which is not your fault: {outcome.reason}"
    return outcome.reason


def count(record: Record) -> tuple[int, int]:
    """Checks passed, of how many."""
    outcomes = [outcome for result in record.modules for outcome in result.outcomes]
    return sum(outcome.status == PASSED for outcome in outcomes), len(outcomes)


def missing(record: Record) -> list[str]:
    """The modules that were not handed in."""
    return [
        f"{result.step}/{result.track}"
        for result in record.modules
        if result.outcomes and all(outcome.cause == "missing" for outcome in result.outcomes)
    ]


def remark(record: Record) -> str:
    """The most telling things about a record, short enough for a table's cell."""
    outcomes = [outcome for result in record.modules for outcome in result.outcomes]
    parts = ["NOT GRADED"] if record.faults else []
    if len(missing(record)) == len(record.modules):
        parts.append("nothing handed in")
    for cause, what in CAUSES.items():
        number = sum(outcome.cause == cause for outcome in outcomes)
        if number:
            parts.append(f"{number} checks {what}")
    carried = sum(outcome.chain == REFERENCE for outcome in outcomes)
    if carried:
        parts.append(f"{carried} checks right on top of the reference")
    return ", ".join(parts)
