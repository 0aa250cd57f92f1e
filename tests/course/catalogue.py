"""The catalogue of wrong answers: tests/answers/wrong/NN_step/MODULE/NAME.py, and how one becomes a whole module.

An answer holds only what its author wrote otherwise than the solution: whole functions, or a class with the methods in
question. Its docstring says in a sentence what its author believed, and then

    caught by: test_large_logits          a hidden check that must fail; more of them after commas
    reads: e^710 does not fit             what its author is told by the public tests; left out where it shows that
                                          something is wrong, and not what
    by chance: yes                        what it does is another thing each time, and so is what else its text says
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Module

ROOT = Path(__file__).resolve().parents[2]
WRONG = ROOT / "tests" / "answers" / "wrong"
RIGHT = ROOT / "tests" / "answers" / "right"  # MANNER/NN_step/MODULE.py
CORPUS = ROOT / "tests" / "submissions"
RIGHT_SUBMISSIONS = {  # whole and right as well, by track
    "pure": CORPUS / "ten_steps_in_another_hand" / "exercises",
    "torch": CORPUS / "torch_in_another_hand" / "exercises",
}
FIELD = re.compile(r"^(caught by|reads|by chance): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class WrongAnswer:
    """One answer of the catalogue."""

    module: Module
    name: str
    belief: str  # the misconception, as a sentence
    caught_by: tuple[str, ...]  # hidden checks
    reads: str  # part of a text that points at the misconception; "": none does
    by_chance: bool  # its text is never the same twice, but for `reads`
    source: str  # the whole module

    @property
    def id(self) -> str:
        return f"{self.module.key}/{self.name}"


def wrong_answers(course: Course, module: Module) -> list[WrongAnswer]:
    """Those of one module, by name. ValueError: a docstring is not as it must be."""
    solution = course.solution(module).read_text("utf-8")
    return [_answer(module, file, solution) for file in sorted((WRONG / module.step / module.name).glob("*.py"))]


def _answer(module: Module, file: Path, solution: str) -> WrongAnswer:
    text = file.read_text("utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    fields = dict(FIELD.findall(said))
    belief = " ".join(FIELD.sub("", said).split())
    if not belief or "caught by" not in fields:
        raise ValueError(f"{file}: the docstring needs a sentence and `caught by:`")
    checks = tuple(check.strip() for check in fields["caught by"].split(","))
    reads, by_chance = fields.get("reads", ""), "by chance" in fields
    return WrongAnswer(module, file.stem, belief, checks, reads, by_chance, put_into(solution, text))


def put_into(solution: str, answer: str) -> str:
    """The solution with the answer's functions, methods and assignments in place of its own, and what is new added."""
    old, new = ast.parse(solution), ast.parse(answer)
    lines, wrote = solution.splitlines(), answer.splitlines()
    edits: list[tuple[int, int, list[str]]] = []  # lines from, to (0-based, half-open), and what stands there then
    theirs = {_name(node): node for node in old.body if _name(node)}
    imports = max(
        (node.end_lineno or 0 for node in old.body if isinstance(node, ast.Import | ast.ImportFrom)), default=0
    )
    for node in new.body:
        name = _name(node)
        if isinstance(node, ast.Expr):
            continue  # the docstring
        if isinstance(node, ast.Import | ast.ImportFrom):
            edits.append((imports or _after_docstring(old), imports or _after_docstring(old), _lines(node, wrote)))
        elif isinstance(node, ast.ClassDef) and isinstance(theirs.get(name), ast.ClassDef):
            methods = {_name(each): each for each in theirs[name].body if _name(each)}
            for each in node.body:
                if isinstance(each, ast.Expr):
                    continue
                at = _span(methods[_name(each)]) if _name(each) in methods else (theirs[name].end_lineno,) * 2
                edits.append((*at, _lines(each, wrote)))
        else:
            at = _span(theirs[name]) if name in theirs else (len(lines), len(lines))
            edits.append((*at, _lines(node, wrote)))
    for start, end, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[start:end] = [*text, ""] if start == end else text
    return "\n".join(lines) + "\n"


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else ""


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    return min(one.lineno for one in [node, *decorators]) - 1, node.end_lineno or node.lineno


def _lines(node: ast.stmt, text: list[str]) -> list[str]:
    start, end = _span(node)
    return text[start:end]


def _after_docstring(tree: ast.Module) -> int:
    return (tree.body[0].end_lineno or 0) if ast.get_docstring(tree) is not None else 0
