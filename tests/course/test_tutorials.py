"""The two tutorials from top to bottom, and what an untouched notebook says."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell
from notebooks import COURSE, alts, complaints, fill_in, outputs, run, solved

from grader.release.notebooks import tutorial_name

# What takes long in the cells of the pure track, and less of the same: test_notebooks_run.py runs these cells as they
# are, and here it is whether all ten parts get on in one kernel.
LESS = {
    "names = six[::16]": "names = six[::160]",
    "for _ in range(10):\n        x, *cached": "for _ in range(2):\n        x, *cached",
    "STEPS, RATE = 100, 0.01": "STEPS, RATE = 20, 0.01",
    "rng) for _ in range(24)]": "rng) for _ in range(3)]",
}


@pytest.mark.slow
@pytest.mark.parametrize(("track", "name"), [("pure", "tutorial.ipynb"), ("torch", "tutorial_torch.ipynb")])
def test_it_runs_on_the_solutions(tmp_path, track, name):
    """Ten parts in one kernel: every module is written, every test passes, every part shows a picture.

    A kernel that Python starts as learners' does: so each cell of each notebook runs in one, as the parts are the same.
    """
    lab = solved(tmp_path)
    modules = COURSE.modules(tracks=[track])
    for module in modules:
        (lab / module.step / module.file).unlink()
    done = run(lab / name, fill_in if track == "torch" else fill_in_for_less, cold=True)
    assert complaints(done) == []
    assert len(alts(done)) >= len(modules)
    for module in modules:
        assert (lab / module.step / module.file).is_file()


@pytest.mark.parametrize("track", COURSE.tracks)
def test_untouched_it_fails_at_the_first_test_with_the_stubs_sentence(tmp_path, track):
    """Each module's cell runs as it is handed out; its first test says which function is to be written, and no more."""
    lab = solved(tmp_path)
    modules = COURSE.modules(tracks=[track])
    for module in modules:
        (lab / module.step / module.file).unlink()
    done = run(lab / tutorial_name(COURSE, track), stub_then_solution, allow_errors=True)
    failed = outputs(done, "error")
    assert [cell.split("-")[-1] for cell, _ in failed] == [module.step for module in modules]
    for module, (cell, error) in zip(modules, failed, strict=True):
        assert cell.startswith("public_")
        assert error.traceback[0].startswith(f"{module.step}: write ")
        assert "Traceback" not in "\n".join(error.traceback)


def fill_in_for_less(cells):
    fill_in(cells)
    for much, less in LESS.items():
        (cell,) = [cell for cell in cells if much in cell.source]
        cell.source = cell.source.replace(much, less)


def stub_then_solution(cells):
    """Of a tutorial the cells of each module as they are, its first test, and then the module's cell filled in."""
    kept = []
    for cell in cells:
        is_module = cell.id.startswith("module-")
        if cell.id == "set-up" or is_module or (cell.id.startswith("public_") and kept[-1].id.startswith("module-")):
            kept.append(cell)
        if cell.id.startswith("public_") and len(kept) > 1 and kept[-1] is cell:
            solution = new_code_cell(kept[-2].source, id=kept[-2].id.replace("module", "solution"))
            fill_in([solution])
            kept.append(solution)
    cells[:] = kept
