"""Small mistakes put into a solution, one at a time: the wrong programs that a suite has to tell from the right one.

A mutant differs from its solution in one place between the solution's markers, and there by text, so that it reads as
something that a learner could have written. Syntax is all that is looked at: some mutants are no worse than the
solution, and only a person can say which.
"""

from __future__ import annotations

import ast
import difflib
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.course import BEGIN, END, Course, Module

BINARY: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-",)),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("/",)),
    ast.Div: ("/", ("*",)),
    ast.FloorDiv: ("//", ("*",)),
    ast.Mod: ("%", ("*",)),
    ast.Pow: ("**", ("*",)),
    ast.MatMult: ("@", ("*",)),
    ast.LShift: ("<<", (">>",)),
    ast.RShift: (">>", ("<<",)),
    ast.BitXor: ("^", ("&",)),
    ast.BitAnd: ("&", ("|",)),
    ast.BitOr: ("|", ("&",)),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
# Functions and methods that are easily taken for one another.
TWINS = {
    "max": "min", "min": "max", "amax": "amin", "amin": "amax", "any": "all", "all": "any", "sum": "mean",
    "mean": "sum", "zeros": "ones", "zeros_like": "ones_like", "ones_like": "zeros_like", "sorted": "list",
    "tril": "triu", "triu": "tril", "endswith": "startswith", "transpose": "swapdims", "argmax": "argmin",
}  # fmt: skip
# How a number is cut off from the graph that it came from, by the module whose import says that there is a graph.
DETACHED = {"torch": "({}).detach()", "value": "Value(({}).data)"}
ATOMS = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.List, ast.Dict, ast.Tuple)
NOT_LOOKED_AT = {"annotation", "returns", "decorator_list", "type_params"}
COMMENT = re.compile(r"  # .*")
CONTEXT = 2  # lines of a diff around what has changed

Node = ast.stmt | ast.expr | ast.keyword  # what has a place in the source
Edit = tuple[int, int, str]  # start and end in bytes, what stands there afterwards
Change = tuple[str, list[Edit]]  # what sort of mistake it is


@dataclass(frozen=True)
class Mutant:
    """One wrong program, or one that is as right as the solution."""

    module: str  # "03_softmax/pure"
    number: int  # within the module, from 1
    operator: str  # the sort of mistake
    function: str  # where it is: "Tokenizer.encode"
    line: int
    before: str  # the lines that it changes, and what they become
    after: str
    source: str  # all of the file

    @property
    def name(self) -> str:
        return f"{self.module} {self.number}"


def of_module(course: Course, module: Module) -> list[Mutant]:
    """All mutants of a module's solution, from its top to its end."""
    return mutants(module.key, course.solution(module).read_text("utf-8"))


def sample(everything: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """So many of them, or all, in their order; another seed chooses others."""
    if size >= len(everything):
        return everything
    rng = random.Random(f"{seed}/{everything[0].module}")
    return sorted(rng.sample(everything, size), key=lambda mutant: mutant.number)


def mutants(key: str, source: str) -> list[Mutant]:
    """All mutants of one source. SyntaxError: it cannot be parsed."""
    text = Text(source)
    tree = ast.parse(source)
    known = {ast.dump(tree)}
    found: list[Mutant] = []
    for node, function, (operator, edits) in Finder(text, tree).changes():
        changed = text.edited(edits)
        try:
            dump = ast.dump(ast.parse(changed))
        except SyntaxError:  # such as `return` where a generator expression lost what it stood in
            continue
        if dump in known:
            continue
        known.add(dump)
        before, after = changed_lines(source, changed)
        found.append(Mutant(key, len(found) + 1, operator, function, node.lineno, before, after, changed))
    return found


def changed_lines(old: str, new: str) -> tuple[str, str]:
    """What an edit takes away and what it puts there, each as one line, without comments."""
    sides: dict[str, list[str]] = {"-": [], "+": []}
    for line in [*difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")][3:]:
        sides[line[0]].append(COMMENT.sub("", line[1:]).strip())
    return " ".join(sides["-"]), " ".join(sides["+"])


def diff(solution: str, mutant: Mutant) -> str:
    """The mutant as a patch of its solution."""
    old, new = solution.splitlines(), mutant.source.splitlines()
    return "\n".join(list(difflib.unified_diff(old, new, n=CONTEXT, lineterm=""))[2:])


class Text:
    """A source, addressed as syntax trees do it: by lines, and by bytes within a line."""

    def __init__(self, source: str) -> None:
        self.bytes = source.encode()
        self.starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def start(self, node: Node) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: Node) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def between(self, start: int, end: int) -> str:
        return self.bytes[start:end].decode()

    def of(self, node: Node) -> str:
        """The node's text; where it could come apart in another place, in parentheses."""
        text = self.between(self.start(node), self.end(node))
        return text if isinstance(node, ATOMS) else f"({text})"

    def edited(self, edits: Iterable[Edit]) -> str:
        new = self.bytes
        for start, end, text in sorted(edits, reverse=True):
            new = new[:start] + text.encode() + new[end:]
        return new.decode()

    @cached_property
    def solution_lines(self) -> frozenset[int]:
        """The numbers of the lines between the markers; of all lines where there is no marker."""
        inside, lines = False, set()
        texts = self.bytes.decode().splitlines()
        for number, line in enumerate(texts, 1):
            mark = line.strip()
            inside = mark == BEGIN or (inside and mark != END)
            lines |= {number} if inside else set()
        return frozenset(lines or range(1, len(texts) + 1))


class Finder:
    """Finds the changes that make mutants of one source."""

    def __init__(self, text: Text, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self.modules = {
            (alias.asname or alias.name).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        sources = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        self.detached = next((cut for name, cut in DETACHED.items() if name in {*self.modules, *sources}), "")

    def changes(self) -> Iterator[tuple[ast.stmt | ast.expr, str, Change]]:
        """Each with its place, and the function that it is in."""
        for node, function in self._walk(self.tree, ()):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            if self.text.solution_lines.issuperset(lines):
                for change in self._of(node):
                    yield node, function, change

    def _walk(self, node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
        """Everything that computes something: no annotations, no docstrings, no texts of errors."""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = (*names, node.name)
        if isinstance(node, ast.stmt | ast.expr):
            yield node, ".".join(names)
        if isinstance(node, ast.JoinedStr | ast.Raise):
            return
        for field, value in ast.iter_fields(node):
            if field not in NOT_LOOKED_AT:
                children = value if isinstance(value, list) else [value]
                for child in children:
                    if isinstance(child, ast.AST) and not _is_text(child):
                        yield from self._walk(child, names)

    def _of(self, node: ast.stmt | ast.expr) -> Iterator[Change]:
        for kind in type(node).__mro__:
            method = getattr(self, f"of_{kind.__name__}", None)
            if method is not None:
                yield from method(node)

    def _put(self, node: Node, text: str) -> list[Edit]:
        return [(self.text.start(node), self.text.end(node), text)]

    def _token(self, left: Node, right: Node, token: str) -> tuple[int, int]:
        """Where the operator between two operands stands."""
        start = self.text.end(left)
        gap = self.text.bytes[start : self.text.start(right)]
        at = start + gap.index(token.split()[0].encode())
        last = token.split()[-1].encode()
        return at, start + gap.index(last, at - start) + len(last)

    # statements

    def of_stmt(self, node: ast.stmt) -> Iterator[Change]:
        simple = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise, ast.Delete)
        if isinstance(node, simple):
            yield "statement dropped", self._put(node, "pass")

    def of_Assign(self, node: ast.Assign) -> Iterator[Change]:
        yield from self._cut(node.value)

    def of_Return(self, node: ast.Return) -> Iterator[Change]:
        if node.value is not None:
            yield from self._cut(node.value)

    def _cut(self, value: ast.expr) -> Iterator[Change]:
        """Cut off from its graph, where it can be in one."""
        if self.detached and not isinstance(value, ast.Constant | ast.List | ast.Dict | ast.Tuple | ast.ListComp):
            inner = self.text.between(self.text.start(value), self.text.end(value))
            new = self.detached.format(inner)
            yield "gradient detached", self._put(value, new)

    def of_AugAssign(self, node: ast.AugAssign) -> Iterator[Change]:
        token, others = BINARY[type(node.op)]
        start, end = self._token(node.target, node.value, f"{token}=")
        for new in ("", *others):
            yield "operator", [(start, end, f"{new}=")]

    def of_Break(self, node: ast.Break) -> Iterator[Change]:
        yield "break and continue", self._put(node, "continue")

    def of_Continue(self, node: ast.Continue) -> Iterator[Change]:
        yield "break and continue", self._put(node, "break")

    def of_If(self, node: ast.If | ast.IfExp) -> Iterator[Change]:
        yield "condition", self._put(node.test, "True")
        yield "condition", self._put(node.test, "False")

    of_IfExp = of_If

    def of_While(self, node: ast.While) -> Iterator[Change]:
        yield "condition", self._put(node.test, "False")

    def of_With(self, node: ast.With) -> Iterator[Change]:
        start, end = self.text.start(node.items[0].context_expr), self.text.end(node.items[-1].context_expr)
        if not any(item.optional_vars for item in node.items):
            yield "context dropped", [(self.text.start(node), end, "if True")] if start < end else []

    # operators

    def of_BinOp(self, node: ast.BinOp) -> Iterator[Change]:
        token, others = BINARY[type(node.op)]
        start, end = self._token(node.left, node.right, token)
        for new in others:
            yield "operator", [(start, end, new)]
        yield "operand dropped", [(len(self.text.between(0, start).rstrip().encode()), self.text.end(node), "")]
        after = self.text.end(node) - len(self.text.between(end, self.text.end(node)).lstrip().encode())
        yield "operand dropped", [(self.text.start(node), after, "")]

    def of_UnaryOp(self, node: ast.UnaryOp) -> Iterator[Change]:
        yield "operator", self._put(node, self.text.of(node.operand))

    def of_BoolOp(self, node: ast.BoolOp) -> Iterator[Change]:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        pairs = zip(node.values, node.values[1:], strict=False)
        yield "operator", [(*self._token(left, right, old), new) for left, right in pairs]
        for dropped in node.values:
            rest = [self.text.of(value) for value in node.values if value is not dropped]
            yield "operand dropped", self._put(node, f" {old} ".join(rest))

    def of_Compare(self, node: ast.Compare) -> Iterator[Change]:
        operands = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            token, others = COMPARISONS[type(op)]
            for new in others:
                yield "comparison", [(*self._token(left, right, token), new)]
        if len(operands) > 2:
            yield "operand dropped", [(self.text.start(node), self.text.start(operands[1]), "")]
            yield "operand dropped", [(self.text.end(operands[-2]), self.text.end(node), "")]

    # constants, indices, displays

    def of_Constant(self, node: ast.Constant) -> Iterator[Change]:
        value = node.value
        if isinstance(value, bool):
            yield "constant", self._put(node, str(not value))
        elif isinstance(value, int):
            yield "constant", self._put(node, str(value + 1))
            yield "constant", self._put(node, str(value - 1))
        elif isinstance(value, float):
            yield "constant", self._put(node, str(2 * value or 1.0))
            yield "constant", self._put(node, str(-value or -1.0))
        elif isinstance(value, str):
            yield "constant", self._put(node, '"x"' if not value else '""')

    def of_Subscript(self, node: ast.Subscript) -> Iterator[Change]:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for part in parts:
            if isinstance(part, ast.Slice):
                for bound in (part.lower, part.upper):
                    if bound is not None:
                        yield "slice", self._put(bound, "")
                if part.step is not None:
                    yield "slice", self._put(part.step, "1")
            elif not isinstance(part, ast.Constant | ast.JoinedStr):
                yield "index", self._put(part, f"{self.text.of(part)} - 1")

    def of_Tuple(self, node: ast.Tuple | ast.List) -> Iterator[Change]:
        for left, right in zip(node.elts, node.elts[1:], strict=False):
            yield "swapped", self._swap(left, right)

    of_List = of_Tuple

    def _swap(self, left: ast.expr, right: ast.expr) -> list[Edit]:
        texts = [self.text.between(self.text.start(node), self.text.end(node)) for node in (left, right)]
        return [*self._put(left, texts[1]), *self._put(right, texts[0])]

    def of_Attribute(self, node: ast.Attribute) -> Iterator[Change]:
        module = isinstance(node.value, ast.Name) and node.value.id in {*self.modules, "self"}
        if isinstance(node.ctx, ast.Load) and not module and not self._is_called(node):
            yield "attribute dropped", self._put(node, self._owner(node))

    def _is_called(self, node: ast.Attribute) -> bool:
        return self.text.bytes[self.text.end(node) :][:1] == b"("

    def _owner(self, node: ast.Attribute) -> str:
        """The text before the point, with the parentheses that it may stand in."""
        end = self.text.end(node.value)
        return self.text.between(self.text.start(node), self.text.bytes.index(b".", end)).rstrip()

    # calls and comprehensions

    def of_Call(self, node: ast.Call) -> Iterator[Change]:
        method = isinstance(node.func, ast.Attribute) and self._owner(node.func) not in self.modules
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if method and isinstance(node.func, ast.Attribute):
            yield "call removed", self._put(node, self._owner(node.func))
        elif node.args and not isinstance(node.args[0], ast.Starred):
            yield "call removed", self._put(node, self.text.of(node.args[0]))
        if name in TWINS and (method or name not in ("sum", "mean")):
            end = self.text.end(node.func)
            yield "function", [(end - len(name), end, TWINS[name])]
        for left, right in zip(node.args, node.args[1:], strict=False):
            yield "swapped", self._swap(left, right)
        yield from self._without_an_argument(node)
        if name == "range":
            bound = node.args[min(1, len(node.args) - 1)]
            yield "range", self._put(bound, f"{self.text.of(bound)} - 1")
            if len(node.args) == 1:
                yield "range", self._put(bound, f"1, {self.text.of(bound)}")
        if name == "enumerate" and len(node.args) == 1:
            yield "range", self._put(node.args[0], f"{self.text.of(node.args[0])}, 1")

    def _without_an_argument(self, node: ast.Call) -> Iterator[Change]:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if len(given) < 2 and not node.keywords:
            return
        pieces = [self.text.between(self.text.start(argument), self.text.end(argument)) for argument in node.args]
        pieces += [self.text.between(self.text.start(keyword), self.text.end(keyword)) for keyword in node.keywords]
        start = self.text.bytes.index(b"(", self.text.end(node.func)) + 1
        for dropped in range(len(pieces)):
            rest = ", ".join(pieces[:dropped] + pieces[dropped + 1 :])
            yield "argument dropped", [(start, self.text.end(node) - 1, rest)]

    def of_ListComp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Iterator[Change]:
        yield from self._cut(node.elt)
        for generator in node.generators:
            for condition in generator.ifs:
                yield "condition", self._put(condition, "True")
                yield "condition", self._put(condition, "False")

    of_GeneratorExp = of_ListComp
    of_SetComp = of_ListComp


def _is_text(node: ast.AST) -> bool:
    """Whether this is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
