"""A course of two small steps in a temporary folder: what the grader does, it does for any course of this shape."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("FUZZ_CASES", "100"))  # of each fuzzing test; see `make fuzz`
settings.register_profile(
    "grader",
    max_examples=CASES,
    deadline=None,  # how long one case takes is the machine's affair
    derandomize=CASES < 100_000,  # the suite does the same cases each time; a long run prints what it has found
    suppress_health_check=list(HealthCheck),
    database=None,
)
settings.load_profile("grader")

# The files that take longest. The first mostly waits, and the second grades with as many processes as there may be.
LONG = ("test_cluster.py", "test_submissions.py", "test_attacks.py", "test_tutorials.py", "test_notebooks_run.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with them: where each file is one process's, as in `make test`, none of them is left for the end."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


COURSE = """\
title = "mini"

[tracks.pure]
suffix = ""

[limits]
call_wall_seconds = 20
call_cpu_seconds = 1
submission_wall_seconds = 60
submission_cpu_seconds = 20
memory_mib = 256
output_kib = 64
answer_kib = 1024

[steps.01_double]
title = "Twice"

[steps.01_double.pure.checks]
test_twice = { points = 3, hint = "What is 2 * x?" }
test_negative = { points = 1, hint = "Is a negative number refused?" }

[steps.02_quad]
title = "Four times"
needs = ["01_double"]

[steps.02_quad.pure.checks]
test_four_times = { points = 4, hint = "double() twice" }
"""

FILES = {
    "solutions/01_double/double.py": '''
        """Twice a number."""


        def double(x: float) -> float:
            """2 x. ValueError: x is negative."""
            ### BEGIN SOLUTION
            if x < 0:
                raise ValueError("negative")
            return 2 * x
            ### END SOLUTION
        ''',
    "solutions/02_quad/quad.py": '''
        """Four times a number."""

        from double import double


        def quad(x: float) -> float:
            """4 x."""
            ### BEGIN SOLUTION
            return double(double(x))
            ### END SOLUTION
        ''',
    "tests/hidden/01_double/probes.py": """
        import double

        def twice(x):
            return double.double(x)
        """,
    "tests/hidden/01_double/test_double.py": '''
        def test_twice(check):
            """double(x) is 2 x."""
            x = check.rng.uniform(1, 9)
            check.close(check.same("twice", x), 2 * x)

        def test_negative(check):
            """double(-x) raises ValueError."""
            check.raises(ValueError, "twice", -check.rng.uniform(1, 9))
        ''',
    "tests/hidden/02_quad/probes.py": """
        import quad

        def four_times(x):
            return quad.quad(x)
        """,
    "tests/hidden/02_quad/test_quad.py": '''
        def test_four_times(check):
            """quad(x) is 4 x."""
            check.same("four_times", check.rng.uniform(1, 9), why="not four times the number")
        ''',
}


def write_tree(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """The root of the mini course."""
    root = tmp_path / "mini"
    write_tree(root, {"course.toml": COURSE, **FILES})
    return root


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """`hand_in("ada", {"01_double/double.py": "..."})` writes a submission and returns the folder of the class."""

    def write(learner: str, files: dict[str, str]) -> Path:
        folder = tmp_path / "class"
        (folder / learner).mkdir(parents=True, exist_ok=True)
        write_tree(folder / learner / "exercises", files)
        return folder

    return write


@pytest.fixture
def right() -> dict[str, str]:
    """The files of a submission that gets everything right."""
    return {
        name.removeprefix("solutions/"): textwrap.dedent(text).lstrip("\n")
        for name, text in FILES.items()
        if name.startswith("solutions/")
    }
