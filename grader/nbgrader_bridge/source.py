"""The assignments of an nbgrader course: source/NN_step/ with the solved notebooks and what they need to run.

Trusted side; imports course, errors, hidden and the release's notebooks. What is made here holds the answers and the
hidden tests: nbgrader takes them out when it makes the release.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

from grader.course import Course, Module
from grader.errors import UserError
from grader.nbgrader_bridge import hidden
from grader.release.notebooks import SET_UP_CHECKS, Edition, notebook_name, text

SETTINGS = """
# The inputs of the hidden tests in source/ were drawn with seed {seed}.

# In the place of an answer learners get the course's own line, which says what is to be written.
from nbgrader.converters.generate_assignment import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from grader.nbgrader_bridge.preprocessors import Stubs

steps = GenerateAssignment.class_traits()["preprocessors"].default()
c.GenerateAssignment.preprocessors = [Stubs if step is ClearSolutions else step for step in steps]

c.Execute.timeout = {timeout}  # seconds for one cell
"""
CELL_SECONDS = 120  # the slowest cell takes some ten, where nothing else is going on


def settings(seed: int) -> str:
    """What nbgrader_config.py needs besides where things are."""
    return SETTINGS.format(seed=seed, timeout=CELL_SECONDS)


def instructors(course: Course, seed: int) -> Edition:
    """Notebooks with answers and hidden tests, whose inputs are drawn from `seed`."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Failed to initialize NumPy")  # torch says so where it is not installed
        asked = {module.key: hidden.questions(course, module, seed) for module in course.modules()}

    def of_check(module: Module, check: str) -> str:
        if check == SET_UP_CHECKS:
            return hidden.set_up(course, module)
        return hidden.cell(asked[module.key][check])

    return Edition(lambda module: course.solution(module).read_text("utf-8"), of_check)


def write(course: Course, folder: Path, seed: int) -> list[Path]:
    """Write folder/NN_step/ for each step, replacing what was made before. Returns the notebooks.

    UserError: a file that course.toml names is missing, or a solution fails a hidden check.
    """
    course = replace(course, root=course.root.resolve())  # pytest names its tests by whole paths
    edition = instructors(course, seed)
    written = []
    for step in course.steps:
        place = folder / step
        place.mkdir(parents=True, exist_ok=True)
        for name in course.notebooks.files:
            _copy(course.root / "exercises" / name, place / name)
        for module in course.modules(steps=[step]):
            file = place / notebook_name(module)
            file.write_text(text(course, [module], edition), encoding="utf-8", newline="\n")
            written.append(file)
            test = course.exercise(module).with_name(f"test_{module.file}")
            _copy(test, place / test.name)
        for picture in sorted(course.exercise(module).parent.glob("*.svg")):
            _copy(picture, place / picture.name)
    return written


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise UserError(
            f"cannot be copied: {error.strerror}", where=str(source), next_step="grader check says what is missing"
        ) from None
