"""Every step's notebook runs from top to bottom on the solutions, in a real kernel, without a word on stderr.

Each kernel is a process of its own that has its imports when it begins; test_tutorials.py runs the same cells without.
"""

from __future__ import annotations

import pytest
from notebooks import COURSE, MODULES, alts, complaints, fill_in, run, solved


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return solved(tmp_path_factory.mktemp("lab"))


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_it_runs_on_the_solution(lab, module):
    """With the solution in its cell, the notebook writes the module, passes its tests and shows its pictures."""
    file = lab / module.step / module.file
    file.unlink()
    done = run(lab / module.step / f"{module.name}.ipynb", fill_in)
    assert complaints(done) == []
    text, _, mark = file.read_text("utf-8").rpartition("# written by ")
    assert text == COURSE.solution(module).read_text("utf-8")
    assert mark.startswith(f"{module.name}.ipynb: ")
    tests = [cell for cell in done.cells if cell.id.startswith("public_")]
    assert tests
    assert [cell.id for cell in tests if "passed" not in "".join(o.get("text", "") for o in cell.outputs)] == []
    assert alts(done), "there is no picture"
    assert all(len(alt) > 20 for alt in alts(done))
