"""What a grading process does, on this machine or on a cluster's: has course and suites loaded once, and then grades.

Trusted side. A process is given submissions, or hand-ins to read, and gives back records; nothing else travels.
"""

from __future__ import annotations

import gc
import os
import signal
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from grader import course as courses
from grader import intake
from grader.engine import NotGraded, Plan
from grader.errors import UserError
from grader.jail import kernel
from grader.marking.check import GraderFault
from grader.model import HandedOut, HandIn, Record, Submission

if TYPE_CHECKING:
    from grader.marking.examiner import Examiner

COLLECT_EVERY = 10_000  # new objects: a submission makes a few thousand, and looking after each 700 takes a twentieth

_examiner: Examiner | UserError | None = None  # of this process
_files: dict[str, list[str]] = {}
_handed_out = HandedOut()


def start(plan: Plan, parent: int) -> None:
    """In a new process: load course and suites once. It ends with its parent."""
    global _examiner, _handed_out
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it lets the submissions at hand finish
    from grader.marking.examiner import Examiner  # brings pytest, which only grading processes need

    try:
        course = courses.load(plan.root)
        _files.update(course.files())
        _handed_out = course.handed_out
        _examiner = Examiner(course, course.modules(plan.steps, plan.tracks), plan.seed, plan.sandbox)
        Finalize(None, _examiner.close, exitpriority=0)  # atexit is not for processes that were forked
        gc.collect()
        gc.freeze()  # the suites stay: the collector need not look at them again
        gc.set_threshold(COLLECT_EVERY)
    except UserError as error:
        _examiner = error  # told when it is used: an initializer that raises only breaks the pool
    except GraderFault as fault:
        _examiner = UserError(str(fault), next_step="grader doctor says whether this machine can grade")


def examiner() -> Examiner:
    """This process's. UserError: it could not be made."""
    if isinstance(_examiner, UserError):
        raise _examiner
    assert _examiner is not None
    return _examiner


def ready() -> None:
    """Wait until this process can grade. UserError: it cannot, since the course or the jail is not fit."""
    try:
        examiner().level()
    except GraderFault as fault:
        raise UserError(str(fault), next_step="grader doctor says whether this machine can grade") from None


def grade(submission: Submission) -> Record | str:
    """The record, or why there is none: the grader's fault, or the machine's."""
    try:
        result: Record | str = examiner().grade(submission)
    except GraderFault as fault:
        result = str(fault)
    if isinstance(result, str) or result.faults:
        examiner().close()  # the next submission gets fresh zygotes
    return result


def read_and_grade(hand_in: HandIn) -> Record | NotGraded:
    """The same for a hand-in that this process has to read first."""
    examiner()  # a course that cannot be used is told before anything about a hand-in
    try:
        result = grade(intake.read(hand_in, _files, _handed_out))
    except UserError as error:
        return NotGraded(hand_in, str(error))
    return NotGraded(hand_in, result) if isinstance(result, str) else result
