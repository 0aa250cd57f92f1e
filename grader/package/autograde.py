"""What run_autograder starts in Gradescope's container: one submission in, results.json out. Trusted side.

    python -m grader.package.autograde /autograder

Whatever goes wrong ends in a results.json too: what is wrong with the submission is said to the learner; anything else
is not the learner's fault, and is told to the instructors in a hidden test and on standard output.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from grader import course as courses
from grader import doctor, intake
from grader.errors import UserError
from grader.marking.check import GraderFault
from grader.marking.examiner import Examiner
from grader.marking.workers import missing_features
from grader.model import HandIn
from grader.report import gradescope
from grader.scoring import Adjustments, Work, grade

LEARNER = "submission"  # whose it is, Gradescope knows


class Unreadable(Exception):
    """The submission is at fault: the sentence is for the learner."""


def main(home: Path) -> None:
    """Grade `home`/submission and write `home`/results/results.json. OSError: that cannot be written."""
    try:
        text = graded(home)
    except Unreadable as error:
        print(f"the submission cannot be read: {error}")
        text = gradescope.unreadable(str(error))
    except (UserError, GraderFault) as error:
        text = _failed(str(error))
    except Exception:  # a learner must not be without an answer because of a mistake of ours
        text = _failed(traceback.format_exc()[-1500:])
    write(home / "results" / "results.json", text)


def graded(home: Path) -> str:
    """The results of the submission. Unreadable; UserError, GraderFault: the autograder or the machine is at fault."""
    source = home / "source"
    settings = json.loads((source / "autograder.json").read_text("utf-8"))
    course = courses.load(source)
    modules = course.modules(settings["steps"], settings["tracks"])
    problems = missing_features() if settings["sandbox"] == "jail" else []
    if problems:
        raise GraderFault("this container cannot enforce the jail, so nothing was run: " + "; ".join(problems))
    handed_out = course.handed_out  # a mistake in it is not the submission's
    hand_in = HandIn(LEARNER, (("", home / "submission"),), times=submitted(home / "submission_metadata.json"))
    try:
        submission = intake.read(hand_in, course.files(), handed_out)
    except UserError as error:
        raise Unreadable(str(error).replace(f"{home}/", "")) from None
    with Examiner(course, modules, settings["seed"], settings["sandbox"]) as examiner:
        record = examiner.grade(submission)
    found = grade(course, modules, Work(LEARNER, (hand_in,), {"": record}), Adjustments())
    if record.faults:
        return _failed("\n".join(record.faults))
    print(f"{found.total:g} of {found.possible:g} points in {record.seconds:.1f} s; {record.sandbox}")
    return gradescope.results(found, modules)


def submitted(metadata: Path) -> dict[str, datetime]:
    """When it was submitted, as Gradescope says ("created_at"); nothing where it does not. Deadlines: course.toml's."""
    try:
        time = datetime.fromisoformat(json.loads(metadata.read_text("utf-8"))["created_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {"": time} if time.tzinfo is not None else {}


def _failed(why: str) -> str:
    """Tell the instructors, with what this machine is."""
    print(f"not graded: {why}")
    print(json.dumps(doctor.facts(), indent=1))
    return gradescope.not_graded(why)


def write(file: Path, text: str) -> None:
    """Whole or not at all: a container that is stopped leaves what was there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".results-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
