"""The stubs, generated from `solutions/`. Trusted side; imports course and errors.

A solution has its answers between `### BEGIN SOLUTION` and `### END SOLUTION`. In the stub each such region of a
function becomes one line that says what to write and where; a region outside any function is left out.
"""

from __future__ import annotations

import ast
from pathlib import Path

from grader.course import Course, Module
from grader.errors import UserError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def stub(module: Module, source: str, file: str) -> str:
    """The stub of one solution. UserError: markers that do not pair, or two regions in one function."""
    lines = source.splitlines()
    spans = functions(source)
    out: list[str] = []
    begun = 0  # line of the open marker
    answered: set[str] = set()
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text in (BEGIN, END):
            if (text == BEGIN) == bool(begun):
                raise UserError(f"{text} does not pair", where=f"{file}, line {number}", next_step="pair the markers")
            name = _enclosing(spans, number)
            if text == BEGIN and name:
                if name in answered:
                    raise UserError(
                        f"{name} has two regions", where=f"{file}, line {number}", next_step="make one of them"
                    )
                answered.add(name)
                indent = line[: len(line) - len(line.lstrip())]
                out.append(f'{indent}raise NotImplementedError("{module.step}: write {name}() in {module.file}")')
            begun = number if text == BEGIN else 0
        elif not begun:
            out.append(line)
    if begun:
        raise UserError(f"{BEGIN} does not pair", where=f"{file}, line {begun}", next_step="pair the markers")
    return "\n".join(out).rstrip("\n") + "\n"  # a region at the end leaves empty lines behind


def functions(source: str) -> list[tuple[str, int, int]]:
    """(qualified name, first line, last line) of every function and method, outer ones first."""
    found: list[tuple[str, int, int]] = []

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                if isinstance(child, ast.FunctionDef):
                    found.append((prefix + child.name, child.lineno, child.end_lineno or child.lineno))
                visit(child, f"{prefix}{child.name}.")

    visit(ast.parse(source), "")
    return found


def _enclosing(functions: list[tuple[str, int, int]], line: int) -> str:
    """The outermost function around `line`, "" for none: what the learner has to write."""
    return next((name for name, first, last in functions if first <= line <= last), "")


def write_stubs(course: Course) -> list[Path]:
    """Regenerate every stub in `exercises/`; returns the files that have changed."""
    changed = []
    for module in course.modules():
        text = stub(module, course.solution(module).read_text("utf-8"), str(course.solution(module)))
        file = course.exercise(module)
        if not file.is_file() or file.read_text("utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            changed.append(file)
    return changed
