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
    """A file as the cell left it follows the cell, also where the cell has become worse."""
    for cell in (HALF, WHOLE, HALF + "\n# half again\n", STUB):
        workbook.keep(file, cell)
        assert own_lines(file) == cell


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


def test_a_file_edited_after_the_notebook_wrote_it_is_used_where_it_says_more(workbook, file):
    """The notebook's mark does not cover what came after it."""
    workbook.keep(file, HALF)
    by_hand = WHOLE + file.read_text().splitlines(True)[-1]
    file.write_text(by_hand)
    workbook.keep(file, HALF)
    assert file.read_text() == by_hand


@pytest.mark.parametrize(
    "cell", [WHOLE.replace("return logits\n", "return list(logits)\n"), HALF.replace("return", "a =")]
)
def test_two_answers_that_differ_are_both_kept(workbook, file, cell):
    """Where file and cell both hold work, nothing is changed, and both ways on are named."""
    by_hand = WHOLE if "03_softmax" not in cell else HALF
    file.write_text(by_hand)
    with pytest.raises(workbook.Shown, match=r"(?s)Nothing is changed.*delete or rename softmax\.py.*into the cell"):
        workbook.keep(file, cell)
    assert file.read_text() == by_hand


def test_the_same_text_is_left_alone(workbook, file):
    """A file that says what the cell says is not touched, marks and line ends included."""
    file.write_bytes(WHOLE.encode() + b"\n\n")
    before = file.stat().st_mtime_ns, file.read_bytes()
    workbook.keep(file, WHOLE)
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before


def test_a_changed_test_is_refused(workbook, tmp_path):
    """The tests that run are the file's: a cell that shows something else says so and names the test."""
    file = tmp_path / "test_softmax.py"
    file.write_text("def test_one():\n    assert 1\n\n\ndef test_two():\n    assert 2\n")
    workbook.same_as_the_file("def test_two():\n    assert 2  # a comment is no change\n", file)
    with pytest.raises(workbook.Shown, match=r"^test_two is not what test_softmax\.py has"):
        workbook.same_as_the_file("def test_two():\n    assert 3\n", file)
    with pytest.raises(workbook.Shown, match=r"^test_three is not what"):
        workbook.same_as_the_file("def test_three():\n    assert 3\n", file)
    with pytest.raises(workbook.Shown, match=r"cannot be read by Python: .*, line 1"):
        workbook.same_as_the_file("def test_two(:\n", file)


def test_what_is_shown_has_no_traceback(workbook):
    """IPython asks an exception for its own lines: these are the sentences."""
    assert workbook.Shown("one\ntwo")._render_traceback_() == ["one", "two"]
