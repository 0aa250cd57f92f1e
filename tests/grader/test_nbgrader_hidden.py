"""The hidden test cells of an nbgrader course: what is asked again, and that right answers of any make pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader import course as courses
from grader.nbgrader_bridge import hidden

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
SEED = 3
ANSWERS = [
    ("pure", "solutions"),
    ("torch", "solutions"),
    ("pure", "tests/submissions/perfect"),
    ("pure", "tests/submissions/ten_steps_in_another_hand"),
    ("torch", "tests/submissions/torch_in_another_hand"),
]
# Checks that judge by more than comparisons: their cells ask, and take any answer. JUPYTER.md gives their number.
ONLY_ASKED = {
    "02_backward/pure": {"test_order_holds_every_value_once", "test_children_come_before_parents"},
    "03_softmax/pure": {"test_only_operations_of_step_01"},
    "04_layers/pure": {"test_only_operations_of_step_01"},
    "06_embedding/pure": {"test_without_a_generator"},
    "06_embedding/torch": {"test_numbers_are_gaussian", "test_what_follows_changes_nothing"},
    "07_attention/pure": {"test_only_operations_of_step_01"},
    "08_gpt/pure": {"test_only_operations_of_step_01"},
    "10_sampling/pure": {"test_without_a_generator"},
    "10_sampling/torch": {
        "test_how_often_when_hot", "test_how_often_when_cold", "test_probability_zero", "test_the_generator",
        "test_texts_are_drawn", "test_nothing_else_is_changed",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def asked():
    """Module -> check -> its questions."""
    return {module.key: hidden.questions(COURSE, module, SEED) for module in COURSE.modules()}


def test_almost_every_check_compares(asked):
    """But for those that are listed, every check's cell compares an answer or expects an error."""
    found = {}
    for key, checks in asked.items():
        weak = {name for name, each in checks.items() if not any(q.get("wants") or "raises" in q for q in each)}
        found |= {key: weak} if weak else {}
    assert found == ONLY_ASKED
    assert all(questions for checks in asked.values() for questions in checks.values())
    assert f"{sum(map(len, found.values()))} judge an answer" in (ROOT / "JUPYTER.md").read_text("utf-8")


@pytest.mark.parametrize(("track", "answers"), ANSWERS)
def test_right_answers_pass_in_another_process(asked, tmp_path, track, answers):
    """What was asked of the reference does not depend on the process, nor on how a right answer is made."""
    program = ["import sys", f"sys.path += {[str(place) for place in sorted(folders(ROOT / answers))]!r}"]
    for module in COURSE.modules(tracks=[track]):
        program.append(hidden.set_up(COURSE, module))
        program += [f"checks.replay({questions!r})" for questions in asked[module.key].values()]
    file = tmp_path / "cells.py"
    file.write_text("\n".join([*program, "print('all passed')"]), encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "all passed\n", done.stderr[-3000:]


def folders(place: Path) -> list[Path]:
    return [path for path in place.rglob("[0-9][0-9]_*") if path.is_dir()]


def test_a_wrong_answer_fails(asked):
    """The text of a cell, run over a wrong answer, raises."""
    module = next(m for m in COURSE.modules() if m.key == "03_softmax/pure")
    wrong = {
        "value": COURSE.solution(COURSE.modules(["01_value"])[0]).read_text("utf-8"),
        "backward": COURSE.solution(COURSE.modules(["02_backward"])[0]).read_text("utf-8"),
        "softmax": COURSE.solution(module).read_text("utf-8").replace("return [e / total", "return [total / e"),
    }
    before = dict(sys.modules)
    finders = list(sys.meta_path)
    space: dict[str, object] = {}
    try:
        exec(hidden.set_up(COURSE, module), space)
        checks = space["checks"]
        checks.kits |= wrong
        with pytest.raises(AssertionError, match="the answer is wrong: probabilities"):
            checks.replay(asked[module.key]["test_probabilities"])
        checks.replay(asked[module.key]["test_loss"])
    finally:
        sys.meta_path[:] = finders
        for name in set(sys.modules) - set(before):
            del sys.modules[name]
