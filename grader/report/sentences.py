"""What a record says about one check, in words. Used by every format."""

from __future__ import annotations

from grader.model import FAILED, FAULT, PASSED, REFERENCE, ModuleResult, Outcome, Record


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


def remark(record: Record) -> str:
    """The most telling thing about a record, short enough for a table's cell."""
    outcomes = [outcome for result in record.modules for outcome in result.outcomes]
    missing = [result.step + "/" + result.track for result in record.modules if _is(result, "missing")]
    causes = {cause: sum(o.cause == cause for o in outcomes) for cause in ("timed out", "died", "forbidden")}
    parts = [f"{number} {cause}" for cause, number in causes.items() if number]
    if record.faults:
        parts.insert(0, "NOT GRADED")
    if missing:
        parts.append("nothing handed in" if len(missing) == len(record.modules) else f"{len(missing)} files missing")
    carried = sum(outcome.chain == REFERENCE for outcome in outcomes)
    if carried:
        parts.append(f"{carried} passed on the reference's earlier steps")
    return ", ".join(parts)


def _is(result: ModuleResult, cause: str) -> bool:
    return bool(result.outcomes) and all(outcome.cause == cause for outcome in result.outcomes)
