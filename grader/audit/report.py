"""An audit as a table, as Markdown with everything in it, and as data. Trusted side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.audit.mutants import diff
from grader.audit.trial import Trial
from grader.audit.verdict import Tried, Verdict, hidden, public
from grader.course import Course
from grader.errors import UserError

BEGIN, END = "<!-- begin: grader audit -->", "<!-- end: grader audit -->"
HEADINGS = ("module", "mutants", "equivalent", "killed by the hidden suite", "by the public suite")


def rows(verdict: Verdict) -> list[tuple[str, ...]]:
    """One row a module, and one for all of them."""
    found = [_row(tried.module.key, [tried]) for tried in verdict.modules]
    return [*found, _row("all", list(verdict.modules))]


def _row(name: str, several: list[Tried]) -> tuple[str, ...]:
    wrong = [trial for tried in several for trial in tried.wrong]
    mutants, equivalent = sum(len(tried.trials) for tried in several), sum(tried.equivalent for tried in several)
    return name, f"{mutants:,}", f"{equivalent:,}", _percent(hidden(wrong)), _percent(public(wrong))


def _percent(share: float) -> str:
    """Rounded down: what is not all is not shown as 100 %."""
    return f"{int(1000 * share + 1e-9) / 10:g} %"


def table(verdict: Verdict) -> str:
    """In Markdown."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|" + "---:|" * (len(HEADINGS) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows(verdict))])


def put_table(file: Path, verdict: Verdict) -> None:
    """Put the table where the file has room for it. UserError: it has none."""
    text = file.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(
            "has no place for the table", where=str(file), next_step=f"put these lines into it: {BEGIN} and {END}"
        )
    file.write_text(f"{before}{BEGIN}\n{table(verdict)}\n{END}{after}", "utf-8")


def everything(course: Course, verdict: Verdict) -> str:
    """The page: table, survivors, what only marks reveal, what each check is good for."""
    how = "all mutants" if verdict.sampled is None else f"a sample of {verdict.sampled} mutants a module"
    parts = [f"# The audit of {course.title}", f"Seed {verdict.seed}, {how}.", table(verdict)]
    problems = verdict.problems()
    parts += ["## Problems", "\n".join(f"- {problem}" for problem in problems) or "None."]
    for title, what in (
        ("Survivors of the hidden suite", "survivors"),
        ("Killed by the hidden suite only", "unseen"),
        ("Refused for the time they take, and for nothing else", "slow"),
    ):
        parts.append(f"## {title}")
        found = [trial for tried in verdict.modules for trial in getattr(tried, what)]
        parts += [_shown(course, trial) for trial in found] or ["None."]
    parts.append("## What each hidden check kills")
    for tried in verdict.modules:
        lines = [f"| {tried.module.key} | kills | alone |", "|---|---:|---:|"]
        lines += [f"| {check} | {all_} | {alone} |" for check, (all_, alone) in tried.kills().items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _shown(course: Course, trial: Trial) -> str:
    module = next(module for module in course.modules() if module.key == trial.mutant.module)
    patch = diff(course.solution(module).read_text("utf-8"), trial.mutant)
    killers = ", ".join(trial.hidden) or "no hidden check"
    return f"**{trial.mutant.name}**, {trial.mutant.operator} ({killers})\n\n```diff\n{patch}\n```"


def data(verdict: Verdict) -> dict[str, Any]:
    """Every trial and what killed it."""
    return {
        "seed": verdict.seed,
        "sampled": verdict.sampled,
        "problems": verdict.problems(),
        "modules": {
            tried.module.key: {
                "mutants": len(tried.trials),
                "equivalent": tried.equivalent,
                "survived": [trial.mutant.number for trial in tried.survivors],
                "survived the public suite": [trial.mutant.number for trial in tried.unseen],
                "checks": {check: {"kills": n, "alone": alone} for check, (n, alone) in tried.kills().items()},
                "trials": [_trial(tried, trial) for trial in tried.trials],
            }
            for tried in verdict.modules
        },
    }


def _trial(tried: Tried, trial: Trial) -> dict[str, Any]:
    mutant = trial.mutant
    return {
        "number": mutant.number,
        "operator": mutant.operator,
        "function": mutant.function,
        "line": mutant.line,
        "before": mutant.before,
        "after": mutant.after,
        "equivalent": trial not in tried.wrong,
        "hidden": trial.hidden,
        "public": list(trial.public),
        "seconds": trial.seconds,
    }
