"""What the notebooks' two magics do with a learner's files: nothing that somebody has written gets lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
STUB = """\
def softmax(logits):
    raise NotImplementedError("03_softmax: write softmax() in softmax.py")


def cross_entropy(logits, target):
    raise NotImplementedError("03_softmax: write cross_entropy() in softmax.py")
"""
HALF = STUB.replace('raise NotImplementedError("03_softmax: write softmax() in softmax.py")', "return logits")
WHOLE = "def softmax(logits):\n    return logits\n\n\ndef cross_entropy(logits, target):\n    return logits[target]\n"


@pytest.fixture
def workbook(monkeypatch):
    monkeypatch.syspath_prepend(str(EXERCISES))
    import workbook

    yield workbook
    sys.modules.pop("workbook")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "softmax.py"


def own_lines(file):
    """The text of a file without the mark of the notebook that wrote it."""
    text = file.read_text("utf-8")
    return "".join(line for line in text.splitlines(True) if not line.startswith("# written by "))


def test_a_cell_is_written_where_there_is_no_file(workbook, file):
    """The first run of the cell makes the file, whose last line says by what it was written."""
    workbook.keep(file, HALF)
    assert own_lines(file) == HALF
    assert file.read_text().splitlines()[-1].startswith("# written by softmax.ipynb: ")


def test_what_a_notebook_wrote_it_writes_again(workbook, file):
    """A file as a cell left it follows the cell, also where functions and helpers come and go."""
    for cell in (
        STUB,
        HALF,
        f"{HALF}\n\ndef helper():\n    return 1\n",
        WHOLE,
        WHOLE.replace("return", "x ="),
        "# todo\n",
    ):
        workbook.keep(file, cell)
        assert own_lines(file) == cell


def test_a_stub_replaces_no_answer(workbook, file, capsys):
    """What another notebook has written stays where this cell still has the stub, and that is said."""
    workbook.keep(file, WHOLE)
    for cell in (STUB, HALF):
        workbook.keep(file, cell)
        assert own_lines(file) == WHOLE
        assert "the file is used" in capsys.readouterr().out


def test_an_untouched_file_takes_the_cell(workbook, file):
    """Of a stub nothing is lost."""
    file.write_text(STUB)
    workbook.keep(file, HALF)
    assert own_lines(file) == HALF


def test_a_file_written_by_hand_is_used_by_an_untouched_notebook(workbook, file, capsys):
    """Whoever works in the file can run the notebook with its stub: the file stays, and that is said."""
    file.write_text(HALF)
    workbook.keep(file, STUB)
    assert file.read_text() == HALF
    assert "the file is used" in capsys.readouterr().out


def test_a_cell_that_has_all_of_the_file_is_written(workbook, file):
    """Work by hand is not lost where the cell has the same functions, and more."""
    file.write_text(HALF)
    more = WHOLE.replace("return logits[target]", "return logits[target]  # and more")
    workbook.keep(file, more)
    assert own_lines(file) == more


def test_a_file_edited_after_the_notebook_wrote_it_is_work_by_hand(workbook, file):
    """The notebook's mark does not cover what came after it."""
    workbook.keep(file, HALF)
    by_hand = HALF.replace("return logits", "return logits[:]") + file.read_text().splitlines(True)[-1]
    file.write_text(by_hand)
    with pytest.raises(workbook.Shown, match="Nothing is changed"):
        workbook.keep(file, HALF)
    assert file.read_text() == by_hand


BY_HAND = {
    "both whole, and not the same": (WHOLE, WHOLE.replace("return logits\n", "return list(logits)\n")),
    "the cell has another answer to one, and one more": (HALF, WHOLE.replace("return logits\n", "return []\n")),
    "the cell has nothing of it": (HALF, "# todo\n"),
    "a raise was left below the answer": (
        WHOLE.replace("[target]", '[target]\n    raise NotImplementedError("03_softmax: write cross_entropy() in x")'),
        WHOLE.replace("[target]", "[-1]"),
    ),
}


@pytest.mark.parametrize(("by_hand", "cell"), BY_HAND.values(), ids=BY_HAND)
def test_two_answers_that_differ_are_both_kept(workbook, file, by_hand, cell):
    """Where file and cell both hold work, nothing is changed, and both ways on are named."""
    file.write_text(by_hand)
    with pytest.raises(workbook.Shown, match=r"(?s)Nothing is changed.*delete or rename softmax\.py.*into the cell"):
        workbook.keep(file, cell)
    assert file.read_text() == by_hand


def test_both_ways_on_are_ways(workbook, file):
    """The file's text in the cell, its last line too, makes them one; from then on the file follows the cell."""
    workbook.keep(file, HALF)
    file.write_text(file.read_text().replace("return logits", "return logits[:]"))
    workbook.keep(file, file.read_text())
    workbook.keep(file, WHOLE)
    assert own_lines(file) == WHOLE


def test_a_cell_that_is_no_python_changes_nothing(workbook, file):
    """A slip in the cell is told with its line as the cell counts it, whatever the file holds."""
    for before in (None, HALF):
        if before is not None:
            file.write_text(before)
        with pytest.raises(workbook.Shown, match=r"^this cell, line 3, cannot be read by Python: .*\n    def f\(:"):
            workbook.keep(file, "x = 1\ndef f(:\n")
        assert (file.read_text() if file.exists() else None) == before


def test_a_file_that_is_no_python_is_not_replaced(workbook, file):
    """Somebody is in the middle of writing it."""
    file.write_text("def softmax(logits:\n")
    with pytest.raises(workbook.Shown, match=r"^softmax\.py, line 1, cannot be read by Python"):
        workbook.keep(file, WHOLE)
    assert file.read_text() == "def softmax(logits:\n"


def test_a_file_that_cannot_be_written_is_one_sentence(workbook, tmp_path):
    """The place and the reason, and no traceback."""
    (tmp_path / "softmax.py").mkdir()
    with pytest.raises(workbook.Shown, match=r"softmax\.py cannot be written: Is a directory\. Nothing is changed\.$"):
        workbook.keep(tmp_path / "softmax.py", WHOLE)


def test_a_changed_test_is_refused(workbook, tmp_path):
    """The tests that run are the file's: a cell that shows something else says so and names the test."""
    file = tmp_path / "test_softmax.py"
    file.write_text("def test_one():\n    assert 1\n\n\ndef test_two():\n    assert 2\n")
    workbook.same_as_the_file("def test_two():\n    assert 2  # a comment is no change\n", file)
    with pytest.raises(workbook.Shown, match=r"^test_two is not what test_softmax\.py has"):
        workbook.same_as_the_file("def test_two():\n    assert 3\n", file)
    with pytest.raises(workbook.Shown, match=r"^test_three is not what"):
        workbook.same_as_the_file("def test_three():\n    assert 3\n", file)
    with pytest.raises(workbook.Shown, match=r"cannot be read by Python: .*, line 2"):
        workbook.same_as_the_file("def test_two(:\n", file)


def test_what_is_shown_has_no_traceback(workbook):
    """IPython asks an exception for its own lines: these are the sentences."""
    assert workbook.Shown("one\ntwo")._render_traceback_() == ["one", "two"]
