"""The hints of every step: three levels for each function that a learner writes, and the last one leads to an answer.

The right answers `hinted_pure` and `hinted_torch` follow the third level to the letter: where a hint has `...` they
have something, and elsewhere the same code. They pass everything (test_right_answers.py): who follows a hint arrives.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest
from learners import ROOT
from runner.modules import stubs
from runner.steps import LEVELS

RIGHT = ROOT / "tests" / "answers" / "right"
WIDEST = 76  # columns of a line; a terminal of 80 shows it four further in
STUBS = [file for file in sorted((ROOT / "exercises").glob("[0-9]*/*.py")) if stubs(file)]
FILES = pytest.mark.parametrize("file", STUBS, ids=lambda file: file.stem)


def hints(file: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(file.with_name("hints.toml").read_text("ascii"))[file.name]


def bodies(source: str) -> dict[str, list[ast.stmt]]:
    """`function` or `Class.method` -> its statements without the docstring."""
    found = {}
    tree = ast.parse(source)
    classes = [("", tree), *((f"{c.name}.", c) for c in tree.body if isinstance(c, ast.ClassDef))]
    for prefix, owner in classes:
        for node in owner.body:
            if isinstance(node, ast.FunctionDef):
                found[prefix + node.name] = node.body[ast.get_docstring(node) is not None :]
    return found


def is_blank(hint: object) -> bool:
    return isinstance(hint, ast.Constant) and hint.value is ...


def differs(hint: object, answer: object) -> str:
    """Where an answer is not what a hint with blanks says; "": nowhere.

    A blank `...` stands for any expression, as the only argument of a call for any arguments, and alone on a line for
    one or more statements.
    """
    if is_blank(hint):
        return ""
    if isinstance(hint, ast.Call) and isinstance(answer, ast.Call) and [*map(is_blank, hint.args)] == [True]:
        return differs(hint.func, answer.func)
    if isinstance(hint, list) and isinstance(answer, list):
        return _differ(hint, answer)
    if isinstance(hint, ast.AST) and type(hint) is type(answer):
        fields = ((getattr(hint, name), getattr(answer, name)) for name in hint._fields)
        return next(filter(None, (differs(*pair) for pair in fields)), "")
    return "" if hint == answer else f"{_text(hint)} in the hint, {_text(answer)} in the answer"


def _differ(hint: list, answer: list) -> str:
    """Of two lists, of statements or of anything else."""
    if not hint or not answer:
        return "" if hint == answer else f"{_text(hint)} in the hint, {_text(answer)} in the answer"
    if isinstance(hint[0], ast.Expr) and is_blank(hint[0].value):
        return min((_differ(hint[1:], answer[n:]) for n in range(1, len(answer) + 1)), key=len)
    return differs(hint[0], answer[0]) or _differ(hint[1:], answer[1:])


def _text(thing: object) -> str:
    if isinstance(thing, list):
        return "; ".join(map(_text, thing)) or "nothing"
    return f"`{ast.unparse(thing)}`" if isinstance(thing, ast.AST) else repr(thing)


@FILES
def test_every_function_has_three_levels(file: Path) -> None:
    """In the order in which they are written, in ASCII, and no wider than a terminal."""
    found = hints(file)
    assert list(found) == [stub["function"] for stub in stubs(file)]
    for function, levels in found.items():
        assert list(levels) == list(LEVELS), function
        for text in levels.values():
            assert text.strip(), function
            assert max(map(len, text.splitlines())) <= WIDEST, function


@FILES
def test_the_last_level_is_code_with_blanks_and_fits_an_answer(file: Path) -> None:
    """It is Python, something is left to be written, and filled in it is the answer in tests/answers/right."""
    manner = RIGHT / ("hinted_torch" if file.stem.endswith("_torch") else "hinted_pure")
    answers = bodies((manner / file.parent.name / file.name).read_text("utf-8"))
    for function, levels in hints(file).items():
        hint = ast.parse(levels["code"]).body
        assert any(map(is_blank, ast.walk(ast.Module(hint, [])))), f"{function} leaves no blank"
        assert differs(hint, answers[function]) == "", function


@pytest.mark.parametrize(
    ("hint", "answer", "fits"),
    [
        ("x = ...", "x = a + b", True),
        ("x = ...", "y = a + b", False),
        ("return f(...)", "return f(1, key=2)", True),
        ("return f(...)", "return g(1)", False),
        ("a = 1\n...\nreturn a", "a = 1\nb = 2\nc = 3\nreturn a", True),
        ("a = 1\n...\nreturn a", "a = 1\nreturn a", False),
        ("return [... for e in exps]", "return [e / total for e in exps]", True),
        ("return [... for e in exps]", "return [e / total for x in exps]", False),
        ("if not ... <= t < ...:\n    raise ...", "if not 0 <= t < n:\n    raise IndexError('t')", True),
        ("if not ... <= t < ...:\n    raise ...", "if not 0 <= t <= n:\n    raise IndexError('t')", False),
    ],
)
def test_what_fits(hint: str, answer: str, fits: bool) -> None:
    """Blanks take expressions, arguments and statements; everything else is as the hint has it."""
    wrapped = [f"def f():\n    {text.replace(chr(10), chr(10) + '    ')}" for text in (hint, answer)]
    assert (differs(*(ast.parse(text).body[0].body for text in wrapped)) == "") is fits
