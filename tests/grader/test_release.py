"""Stubs are generated from the solutions, and the committed ones are in step with them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader import course as courses
from grader.errors import UserError
from grader.release import BEGIN, END, stub, write_stubs

ROOT = Path(__file__).resolve().parents[2]
MODULES = courses.load(ROOT).modules()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_the_committed_stub_is_the_generated_one(module: courses.Module) -> None:
    """`make stubs` would change nothing."""
    course = courses.load(ROOT)
    expected = stub(module, course.solution(module).read_text("utf-8"), "solution")
    assert course.exercise(module).read_text("utf-8") == expected


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.key)
def test_no_answer_is_left_in_the_stub(module: courses.Module) -> None:
    """No line from between the markers stands in the stub, and what it raises names the step and the file."""
    course = courses.load(ROOT)
    text = course.exercise(module).read_text("utf-8")
    regions = course.solution(module).read_text("utf-8").split(BEGIN)[1:]
    given = {
        line.strip()
        for part in course.solution(module).read_text("utf-8").split(END)
        for line in part.split(BEGIN)[0].splitlines()
    }
    answers = {line.strip() for region in regions for line in region.split(END)[0].splitlines()} - given
    assert not answers & {line.strip() for line in text.splitlines()}
    raised = [node.exc for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Raise)]
    sentences = [
        call.args[0].value for call in raised if isinstance(call, ast.Call) and call.func.id == "NotImplementedError"
    ]
    assert len(sentences) >= len({line for line in regions if line}) - text.count(BEGIN) - 1
    assert all(s.startswith(f"{module.step}: write ") and s.endswith(f"() in {module.file}") for s in sentences)


def test_methods_and_helpers(mini: Path) -> None:
    """A method's region becomes its own sentence, and a region outside any function is left out."""
    module = courses.load(mini).modules()[0]
    source = f'''
class A:
    def twice(self):
        """Doc."""
        {BEGIN}
        return helper()
        {END}

    def given(self):
        return 1


{BEGIN}
def helper():
    return 2


{END}
LAST = 3
'''
    assert stub(module, source, "a.py") == (
        '\nclass A:\n    def twice(self):\n        """Doc."""\n'
        '        raise NotImplementedError("01_double: write A.twice() in double.py")\n'
        "\n    def given(self):\n        return 1\n\n\nLAST = 3\n"
    )


@pytest.mark.parametrize(
    ("body", "line"),
    [(f"    {BEGIN}\n    pass", 2), (f"    pass\n    {END}", 3), (f"    {BEGIN}\n    {BEGIN}\n    pass\n    {END}", 3)],
)
def test_markers_that_do_not_pair(mini: Path, body: str, line: int) -> None:
    """An unpaired marker is refused with its line, so that no answer slips into a stub."""
    with pytest.raises(UserError, match=f"a.py, line {line}: .* does not pair"):
        stub(courses.load(mini).modules()[0], f"def double():\n{body}\n", "a.py")


def test_stubs_are_written_once(mini: Path) -> None:
    """A second run has nothing to write."""
    course = courses.load(mini)
    assert [file.name for file in write_stubs(course)] == ["double.py", "quad.py"]
    assert "return" not in course.exercise(course.modules()[0]).read_text().replace("2 x.", "")
    assert write_stubs(course) == []
