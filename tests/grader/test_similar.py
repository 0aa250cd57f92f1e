"""Similarity: a disguised copy ranks above every pair of independent answers, and nothing of theirs is executed."""

from __future__ import annotations

import ast
import builtins
import itertools
import random
from pathlib import Path

import pytest

from grader import course as courses
from grader import similar
from grader.model import Submission
from grader.similar.structure import LONGEST, structures

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
STEP, FILE = "02_backward", "backward.py"
MODULES = COURSE.modules([STEP], ["pure"])

# One exercise, solved by five people: the same two functions, in ways that have nothing to do with one another.
HONEST = {
    "ada": '''
def topological_order(root):
    """Depth first with a stack of iterators."""
    order, seen = [], {id(root)}
    path = [(root, iter(root._children))]
    while path:
        node, rest = path[-1]
        for child in rest:
            if id(child) not in seen:
                seen.add(id(child))
                path.append((child, iter(child._children)))
                break
        else:
            path.pop()
            order.append(node)
    return order


def backward(root):
    order = topological_order(root)
    for v in order:
        if v._children:
            v.grad = 0.0
    root.grad = 1.0
    for v in reversed(order):
        for child, slope in zip(v._children, v._local_grads):
            child.grad += slope * v.grad
''',
    "bea": """
def topological_order(root):
    waiting = {}
    todo = [root]
    known = {id(root): root}
    while todo:
        here = todo.pop()
        for there in here._children:
            waiting[id(there)] = waiting.get(id(there), 0) + 1
            if id(there) not in known:
                known[id(there)] = there
                todo.append(there)
    result = []
    free = [root]
    while free:
        here = free.pop()
        result.append(here)
        for there in here._children:
            waiting[id(there)] -= 1
            if waiting[id(there)] == 0:
                free.append(there)
    result.reverse()
    return result


def backward(root):
    ordered = topological_order(root)[::-1]
    inner = [x for x in ordered if len(x._children) > 0]
    for x in inner:
        x.grad = 0
    ordered[0].grad = 1
    for x in inner:
        factor = x.grad
        for i in range(len(x._children)):
            x._children[i].grad = x._children[i].grad + factor * x._local_grads[i]
""",
    "cleo": """
ENTER, LEAVE = 0, 1


def visit(root):
    done = set()
    agenda = [(ENTER, root)]
    while len(agenda) > 0:
        action, value = agenda.pop()
        if action == LEAVE:
            yield value
        elif value not in done:
            done.add(value)
            agenda.append((LEAVE, value))
            agenda.extend((ENTER, c) for c in reversed(value._children) if c not in done)


def topological_order(root):
    return list(visit(root))


def push(value):
    pairs = tuple(zip(value._children, value._local_grads))
    while pairs:
        (child, derivative), pairs = pairs[0], pairs[1:]
        child.grad += derivative * value.grad


def backward(root):
    values = topological_order(root)
    list(map(lambda v: setattr(v, "grad", 0.0 if v._children else v.grad), values))
    values[-1].grad = 1.0
    while values:
        push(values.pop())
""",
    "dora": """
class Walk:
    def __init__(self):
        self.colour = {}
        self.finished = []

    def run(self, start):
        stack = [start]
        while stack:
            top = stack[-1]
            state = self.colour.get(top, "white")
            if state == "white":
                self.colour[top] = "grey"
                stack += [c for c in top._children if self.colour.get(c, "white") == "white"]
            else:
                stack.pop()
                if state == "grey":
                    self.colour[top] = "black"
                    self.finished.append(top)
        return self.finished


def topological_order(root):
    return Walk().run(root)


def backward(root):
    gradients = {root: 1.0}
    for v in topological_order(root)[::-1]:
        g = gradients.pop(v, 0.0)
        if not v._children and v is not root:
            v.grad += g
            continue
        v.grad = g
        for c, d in zip(v._children, v._local_grads):
            gradients[c] = gradients.get(c, 0.0) + g * d
""",
    "emma": """
from collections import deque


def depths(root):
    depth = {root: 0}
    queue = deque([root])
    while queue:
        v = queue.popleft()
        for c in v._children:
            if depth.get(c, -1) < depth[v] + 1:
                depth[c] = depth[v] + 1
                queue.append(c)
    return depth


def topological_order(root):
    depth = depths(root)
    return sorted(depth, key=lambda v: depth[v], reverse=True)


def backward(root):
    level = {}
    for v, d in depths(root).items():
        level.setdefault(d, []).append(v)
        if v._children:
            v.grad = 0.0
    root.grad = 1.0
    for d in range(len(level)):
        for v in level[d]:
            for k, c in enumerate(v._children):
                c.grad += v._local_grads[k] * v.grad
""",
}


def submission(learner: str, source: str) -> Submission:
    return Submission(learner, {STEP: {FILE: source.encode("utf-8", "surrogatepass")}})


class Disguise(ast.NodeTransformer):
    """Other names everywhere, type hints, no docstrings, prints and dead code in between, both sides of * exchanged."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        if name in ("topological_order", "backward", "deque") or hasattr(builtins, name):
            return name
        return self.names.setdefault(name, f"q{self.rng.randrange(10**6)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.new(node.arg)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            node.left, node.right = node.right, node.left
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:]
        node.name = self.new(node.name)
        for argument in node.args.args:
            argument.annotation = ast.Name("object", ast.Load())
        dead = ast.parse(f"unused{self.rng.randrange(99)} = [{self.rng.randrange(99)}]\nprint('here')").body
        node.body = [*dead, *node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        kept = [method.name for method in methods]
        self.generic_visit(node)
        for method, name in zip(methods, kept, strict=True):
            method.name = name
        node.name = self.new(node.name)
        return node


def disguised(source: str, seed: int) -> str:
    tree = Disguise(seed).visit(ast.parse(source))
    defs = [part for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    rest = [part for part in tree.body if part not in defs]
    tree.body = [*rest, *reversed(defs)]
    return "# all my own work\n" + ast.unparse(ast.fix_missing_locations(tree))


def compared(sources: dict[str, str]) -> similar.Comparison:
    return similar.compare(COURSE, [submission(*one) for one in sources.items()], MODULES)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("copied", HONEST)
def test_a_disguised_copy_ranks_first(copied: str, seed: int) -> None:
    """Renamed, reordered, annotated, with prints and dead code: the pair is first, flagged, far above the others."""
    copy = disguised(HONEST[copied], seed)
    assert "q" in copy
    found = compared(HONEST | {"mallory": copy})
    first, *others = found.pairs
    assert {first.learner, first.other} == {copied, "mallory"}
    assert similar.near_identical(found) == ((first.learner, first.other, round(first.score, 4)),)
    honest = [pair.score for pair in others]
    assert first.score > 2 * max(honest, default=0.0)


def test_independent_answers_are_not_flagged() -> None:
    """People who solved it by themselves share little; who writes what the reference has is not flagged either."""
    found = compared(HONEST | {"reference": COURSE.solution(MODULES[0]).read_text("utf-8")})
    assert similar.near_identical(found) == ()
    shares = {(pair.learner, pair.other): pair.score for pair in found.pairs}
    assert all(share < 0.3 for names, share in shares.items() if "reference" not in names), shares


def test_what_the_stub_gave_says_nothing() -> None:
    """Two untouched stubs are not a pair."""
    stub = COURSE.exercise(MODULES[0]).read_text("utf-8")
    found = compared({"ada": stub, "bea": stub})
    assert (found.pairs, found.silent) == ((), (MODULES[0].key,))


def test_what_everybody_has_says_nothing() -> None:
    """In a large class that wrote the same, nobody stands out, but for the two who share something else."""
    everybody = {f"learner{n}": HONEST["ada"] for n in range(40)}
    pair = {"mallory": HONEST["bea"], "oscar": disguised(HONEST["bea"], 1)}
    found = compared(everybody | pair)
    assert [(one.learner, one.other) for one in found.pairs] == [("mallory", "oscar")]


@pytest.mark.parametrize(
    "source",
    [
        "def f(:\n", "\0", "(" * 100_000, "-" * 100_000 + "1", "a" + ".b" * 100_000, "x = " + "1+" * 50_000 + "1",
        "x" * (LONGEST + 1), "\ud800 = 1", "if 1:\n pass\n" + "elif 1:\n pass\n" * 50_000,
    ],
)  # fmt: skip
def test_what_cannot_be_parsed_is_said(source: str) -> None:
    """A source that Python's parser refuses, or that is too long, is not compared, and the others are."""
    found = compared({"ada": HONEST["ada"], "bea": HONEST["ada"], "mallory": source})
    assert [(one.learner, one.other) for one in found.pairs] == [("ada", "bea")]
    (problem,) = found.problems
    assert problem.startswith("mallory, 02_backward/pure: ")


def test_nothing_is_executed(tmp_path: Path) -> None:
    """A source that would write a file when it runs does not."""
    canary = tmp_path / "canary"
    compared({"ada": f"open({str(canary)!r}, 'w')\n" + HONEST["ada"], "bea": HONEST["ada"]})
    assert not canary.exists()


def test_names_comments_and_hints_change_no_structure() -> None:
    """The structures of a renamed, annotated, commented text are the same set."""
    plain = "def f(a, b):\n    total = a.data * b.data + 1\n    return g(total, a, b, key=1)\n"
    other = (
        'def f(x: int, y) -> int:\n    """D."""\n    s: int = 1 + y.data * x.data  #\n    return g(s, x, y, key=1)\n'
    )
    swapped = other.replace("y.data * x.data", "x.data * y.data")
    assert structures(plain.encode()).found.keys() == structures(swapped.encode()).found.keys()
    changed = plain.replace("+ 1", "+ 2")
    assert structures(plain.encode()).found.keys() != structures(changed.encode()).found.keys()


HOSTILE = "</script><script>alert(1)</script><b>&\u202e\x1b[31m"


def test_the_page_is_inert() -> None:
    """Names and sources cannot become markup, turn lines round, or run anything; shared lines carry a bar."""
    source = f"# {HOSTILE}\n" + HONEST["dora"]
    copy = submission("bea", disguised(HONEST["dora"], 1))
    read = [submission(f"ada{HOSTILE}", source), copy, *(submission(*one) for one in HONEST.items())]
    page = similar.page("mini", similar.compare(COURSE, read, MODULES), read)
    assert "<script" not in page
    assert "<b>&\u202e" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "\\u202e" in page
    assert 'class="shared"' in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "evidence to look at, not a verdict" in page


def test_the_order_of_submissions_changes_nothing() -> None:
    """The same class in any order gives the same ranking."""
    sources = HONEST | {"mallory": disguised(HONEST["dora"], 7)}
    rankings = []
    for names in itertools.islice(itertools.permutations(sources), 0, 500, 100):
        found = compared({name: sources[name] for name in names})
        rankings.append([({pair.learner, pair.other}, round(pair.score, 9)) for pair in found.pairs])
    assert all(ranking == rankings[0] for ranking in rankings)
