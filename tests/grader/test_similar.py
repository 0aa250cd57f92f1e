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
from grader.similar.page import MOST_GROUPS
from grader.similar.rings import FEWEST, HEAVY, variety
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


def halves(source: str) -> tuple[str, str]:
    """How somebody orders the values, with all that this needs, and backward() over that."""
    at = source.index("def backward(")
    return source[:at], source[at:]


def a_class(copies: int = 0) -> dict[str, str]:
    """Twenty who each did it in a way of their own, and copies of one answer, each in another disguise."""
    others = {
        f"{one}{other}": halves(HONEST[one])[0].replace("def push", "def unused") + "\n\n" + halves(HONEST[other])[1]
        for one, other in itertools.permutations(HONEST, 2)
    }
    return others | {f"copy{n:02}": disguised(HONEST["dora"], n) for n in range(copies)}


@pytest.mark.parametrize("copies", [8, 11, 30])
def test_many_copies_of_one_answer_are_a_group(copies: int) -> None:
    """However many hand in one answer, disguised: they are one group, flagged, and each is named in the report."""
    found = compared(a_class(copies))
    names = {f"copy{n:02}" for n in range(copies)}
    (ring,) = (ring for ring in found.rings if ring.is_near)
    assert names <= set(ring.learners)
    assert set(ring.learners) - names <= {name for name in a_class() if name.startswith("dora")}
    assert {who for pair in similar.near_identical(found) for who in pair[:2]} >= names
    (line,) = (line for line in similar.told(found) if "flagged" in line)
    assert line.startswith(f"{len(ring.learners)} have nearly the same 02_backward/pure (weight ")


def test_a_class_of_its_own_has_no_group() -> None:
    """Twenty who share halves of their answers with others, as much as two can without copying, are no group."""
    found = compared(a_class())
    assert [ring.learners for ring in found.rings] == []
    assert similar.told(found) == []


def test_a_whole_class_that_copied_is_told_of() -> None:
    """Where all have the same in several modules, though there is nobody to compare with, it is a group."""
    folder = ROOT / "tests" / "submissions" / "ten_steps_in_another_hand" / "exercises"
    files = {step: {f.name: f.read_bytes() for f in (folder / step).glob("*.py")} for step in COURSE.steps}
    whole = [Submission(f"learner{n:02}", files) for n in range(28)]
    (ring,) = similar.compare(COURSE, whole).rings
    assert len(ring.learners) == 28
    assert len(ring.modules) >= 10
    assert ring.is_near


SHORT = [
    "return [f(x) for x in v.f(1, 2)]",
    "return list(map(f, v.f(1, 2)))",
    "y = []\n    for x in v.f(1, 2):\n        y.append(f(x))\n    return y",
]


def test_short_answers_accuse_nobody() -> None:
    """Forty learners with one of three short answers, as there are no more: no group, no pair."""
    found = compared({f"learner{n}": f"def backward(v):\n    {SHORT[n % 3]}\n" for n in range(40)})
    assert found.rings == ()
    assert similar.near_identical(found) == ()


def test_what_nearly_everybody_writes_is_not_flagged() -> None:
    """One module that most of a large class writes in one way says little of each of them."""
    most = {f"learner{n}": disguised(HONEST["dora"], n) for n in range(100)}
    assert not any(ring.is_near for ring in compared(a_class() | most).rings if len(ring.learners) < 100)
    assert variety(20, 20, 120) < variety(110, 110, 120)
    assert variety(0, 0, 120) < variety(0, 0, 12) < variety(12, 12, 15) < 1


def test_groups_of_the_same_learners_are_one() -> None:
    """What the same learners share in several modules is told once; whoever shares the lesser one is not in it."""
    other = "05_tokenizer"
    folder = ROOT / "tests" / "submissions" / "ten_steps_in_another_hand" / "exercises" / other
    source = (folder / "tokenizer.py").read_bytes()
    more = {other: {"tokenizer.py": source}}
    read = [
        Submission(who, {STEP: {FILE: text.encode()}} | (more if "copy" in who else {}))
        for who, text in a_class(6).items()
    ]
    chance = Submission("chance", {STEP: {FILE: b""}, other: {"tokenizer.py": source}})
    found = similar.compare(COURSE, [*read, chance], COURSE.modules([STEP, other], ["pure"]))
    (ring,) = found.rings
    assert {who for who in ring.learners if not who.startswith("dora")} == {f"copy{n:02}" for n in range(6)}
    assert {module.module for module in ring.modules} == {f"{STEP}/pure", f"{other}/pure"}


def test_the_course_s_own_solution_is_told_of_apart() -> None:
    """Its copies, word for word or renamed, are counted with the length of the answer, and are no group."""
    step = "09_adam"
    (module,) = COURSE.modules([step], ["pure"])
    source = COURSE.solution(module).read_text("utf-8")
    stub = COURSE.stub(module)
    renamed = ast.unparse(ast.parse(source))  # no comments, other lines
    texts = [source] * 12 + [renamed] * 2 + [stub] * 3
    read = [Submission(f"learner{n:02}", {step: {module.file: text.encode()}}) for n, text in enumerate(texts)]
    found = similar.compare(COURSE, read, [module])
    assert found.rings == ()
    (told,) = found.reference
    assert (told.module, told.handed_in, len(told.verbatim), len(told.alike)) == ("09_adam/pure", 17, 12, 14)
    assert told.is_long
    assert [line.split(" of the course")[0] for line in similar.told(found)] == [
        "12 learners have a long answer", "14 learners have a long answer",
    ]  # fmt: skip
    page = similar.page("mini", found, read)
    assert "Short answers are bound to coincide" in page
    assert "learner00, learner01" in page


def test_the_stub_is_not_the_course_s_solution() -> None:
    """Who has written nothing has nothing of the solution, and is in no group."""
    stub = COURSE.stub(MODULES[0])
    found = compared({f"learner{n}": stub for n in range(20)})
    assert (found.rings, found.reference) == ((), ())


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


def test_groups_on_the_page() -> None:
    """They stand before the pairs, with every name spelt out, their modules, and two of them side by side."""
    copies = {f"copy{n}{HOSTILE}": HONEST["dora"] for n in range(12)}
    read = [submission(*one) for one in (a_class() | copies).items()]
    found = similar.compare(COURSE, read, MODULES)
    page = similar.page("mini", found, read)
    assert page.index("<h2>Groups</h2>") < page.index("<h2>Pairs</h2>")
    assert page.index('id="group-1"') < page.index('class="shared"')
    assert all(f"copy{n}&lt;/script&gt;" in page for n in range(12))
    assert "<script" not in page
    assert "\u202e" not in page
    assert len(found.rings) <= MOST_GROUPS
    assert len(found.rings[0].learners) >= FEWEST
    assert found.rings[0].weight >= HEAVY


def test_words_stay_whole_on_a_narrow_screen() -> None:
    """The style never allows a break inside a word where a cell could be wider instead."""
    page = similar.page("mini", compared({}), [])
    assert "overflow-wrap: anywhere" not in page
    assert "word-break" not in page


def test_the_order_of_submissions_changes_nothing() -> None:
    """The same class in any order gives the same ranking."""
    sources = HONEST | {f"mallory{n}": disguised(HONEST["dora"], n) for n in range(3)}
    rankings = []
    for names in itertools.islice(itertools.permutations(sources), 0, 500, 100):
        found = compared({name: sources[name] for name in names})
        pairs = [({pair.learner, pair.other}, round(pair.score, 9)) for pair in found.pairs]
        rankings.append((pairs, [ring.learners for ring in found.rings]))
    assert all(ranking == rankings[0] for ranking in rankings)
