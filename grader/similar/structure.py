"""A source -> the set of its structures: subtrees of its syntax without names, comments, hints and prints.

Trusted side. Sources are parsed and never executed.

Two programs share what was copied, whatever it is called now: hashes of subtrees find copies as in I. Baxter et al.,
"Clone Detection Using Abstract Syntax Trees" (1998). Every subtree of some size is hashed with all names but Python's
own taken for the same, so that renaming changes no hash, reordering changes only hashes of what contains the place, and
code that is added only adds hashes. Winnowing of token sequences (MOSS) was left aside: a line
that is moved or put in between breaks its sequences, and in functions of five lines few are left. Of the libraries
looked at (copydetect, pycode_similar) none compares trees without names, or weighs by how rare a structure is.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 64 << 10  # bytes; the longest solution has under ten thousand
SMALLEST = 6  # nodes of a subtree that is looked at: a call with two arguments has five
LARGEST = 400  # nodes: what is larger is found by its parts
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)  # found by what is in them
COMMUTES = (ast.Add, ast.Mult)
PYTHONS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Structures:
    """What one file consists of."""

    found: dict[int, tuple[int, int]] = field(default_factory=dict)  # hash -> first and last line of one occurrence
    problem: str = ""  # why it cannot be compared


def structures(source: bytes) -> Structures:
    """The structures of a source; empty with the reason where it cannot be parsed or is too long."""
    if len(source) > LONGEST:
        return Structures(problem=f"longer than {LONGEST >> 10} KiB")
    try:
        tree = ast.parse(source)
        return Structures(_hashes(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Structures(problem=f"cannot be parsed ({type(error).__name__})")


@dataclass
class _Part:
    """A subtree as its tokens in order, and the lines it is on."""

    tokens: list[str]
    first: int
    last: int


def _hashes(tree: ast.Module) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for statement in tree.body:
        _walk(statement, found)
    return found


def _walk(node: ast.AST, found: dict[int, tuple[int, int]]) -> _Part | None:
    """The part that a node is, None for what does not count; its hash and those of its parts go to `found`."""
    if _is_noise(node):
        return None
    kind = "Assign" if isinstance(node, ast.AnnAssign) else type(node).__name__
    part = _Part([kind], getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) or 0)
    parts = [_walk(child, found) for child in _children(node)]
    kept = [child for child in parts if child is not None]
    if isinstance(node, ast.BinOp) and isinstance(node.op, COMMUTES):
        kept.sort(key=lambda child: (len(child.tokens), child.tokens))
    part.tokens += _own(node)
    for child in kept:
        part.tokens += child.tokens
        part.first = part.first or child.first
        part.last = max(part.last, child.last)
    part.tokens.append(")")
    size = sum(token != ")" for token in part.tokens)
    if SMALLEST <= size <= LARGEST and isinstance(node, ast.expr | ast.stmt) and not isinstance(node, DEFINITIONS):
        found.setdefault(_digest(part.tokens), (part.first, part.last))
    return part


def _is_noise(node: ast.AST) -> bool:
    """Docstrings, loose constants, prints, imports, pass: they come and go without changing a program."""
    if isinstance(node, ast.Expr):
        value = node.value
        named = value.func if isinstance(value, ast.Call) else None
        return isinstance(value, ast.Constant) or (isinstance(named, ast.Name) and named.id == "print")
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass | ast.expr_context | ast.type_ignore)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below, without type hints."""
    if isinstance(node, ast.AnnAssign):
        yield node.target
        if node.value is not None:
            yield node.value
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _own(node: ast.AST) -> list[str]:
    """What a node says itself: one of Python's own names, an attribute, a keyword, a number. Operators are nodes."""
    if isinstance(node, ast.Name):
        return [node.id] if node.id in PYTHONS else []
    if isinstance(node, ast.Attribute):
        return [f".{node.attr}"]
    if isinstance(node, ast.keyword):
        return [f"{node.arg}="]
    if isinstance(node, ast.Constant):
        return [repr(node.value) if isinstance(node.value, int | float | bool) else type(node.value).__name__]
    return []


def _digest(tokens: list[str]) -> int:
    """64 bits over the tokens."""
    text = "\0".join(tokens).encode("utf-8", "backslashreplace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
