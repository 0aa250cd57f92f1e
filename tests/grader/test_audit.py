"""`grader audit`: which mistakes it puts into a solution, what it makes of the suites' answers, and what it says."""

from __future__ import annotations

import ast
import json
import socket
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import write_tree

from grader import course as courses
from grader.audit import equivalents, report
from grader.audit.equivalents import Equivalent
from grader.audit.mutants import Mutant, changed_lines, diff, mutants, sample
from grader.audit.trial import PublicSuites, Trial
from grader.audit.verdict import Tried, Verdict, hidden, public
from grader.cli import main
from grader.course import CheckSpec, Module
from grader.errors import UserError
from grader.marking.workers import missing_features

JAIL = pytest.mark.skipif(bool(missing_features()), reason=f"no jail here: {'; '.join(missing_features())}")


def afters(source: str) -> dict[str, list[str]]:
    """What the mutants of a source have in place of the lines they change, by sort."""
    found: dict[str, list[str]] = {}
    for mutant in mutants("01_x/pure", textwrap.dedent(source)):
        found.setdefault(mutant.operator, []).append(mutant.after)
    return found


@pytest.mark.parametrize(
    ("source", "sort", "expected"),
    [
        ("y = a + b * c", "operator", ["y = a - b * c", "y = a + b / c"]),
        ("y = a + b * c", "operand dropped", ["y = a", "y = b * c", "y = a + b", "y = a + c"]),
        ("y = (a - b) * c", "operand dropped", ["y = (a - b)", "y = c", "y = (a) * c", "y = (b) * c"]),
        ("y = x**2", "operator", ["y = x*2"]),
        ("y = -x", "operator", ["y = x"]),
        ("y = not (a or b)", "operator", ["y = (a or b)", "y = not (a and b)"]),
        ("y = a and b", "operand dropped", ["y = b", "y = a"]),
        ("x.grad += g", "operator", ["x.grad = g", "x.grad -= g"]),
        ("y = 0 <= i < n", "comparison", ["y = 0 < i < n", "y = 0 > i < n", "y = 0 <= i <= n", "y = 0 <= i >= n"]),
        ("y = 0 <= i < n", "operand dropped", ["y = i < n", "y = 0 <= i"]),
        ("y = a is not None", "comparison", ["y = a is None"]),
        ("y = a not in b", "comparison", ["y = a in b"]),
        ("y = f(2, 0.5)", "constant", ["y = f(3, 0.5)", "y = f(1, 0.5)", "y = f(2, 1.0)", "y = f(2, -0.5)"]),
        ("y = f(True, 'a')", "constant", ["y = f(False, 'a')", "y = f(True, \"\")"]),
        ("y = 0.0", "constant", ["y = 1.0", "y = -1.0"]),
        ("y = a[1:n:2]", "slice", ["y = a[:n:2]", "y = a[1::2]", "y = a[1:n:1]"]),
        ("y = a[i, :n]", "index", ["y = a[i - 1, :n]"]),
        ("y = a[0]", "constant", ["y = a[1]", "y = a[-1]"]),
        ("y = f(a, b)", "swapped", ["y = f(b, a)"]),
        ("y = a, b", "swapped", ["y = b, a"]),
        ("y = x.sum(dim=1, keepdim=True)", "argument dropped", ["y = x.sum(keepdim=True)", "y = x.sum(dim=1)"]),
        ("y = x.sum(dim=1, keepdim=True)", "call removed", ["y = x"]),
        ("y = x.sum(dim=1, keepdim=True)", "function", ["y = x.mean(dim=1, keepdim=True)"]),
        ("import math\ny = math.exp(x - m)", "call removed", ["y = (x - m)"]),
        ("y = (a + b).exp()", "call removed", ["y = (a + b)"]),
        ("y = max(a)", "function", ["y = min(a)"]),
        ("y = [i for i in range(n)]", "range", ["y = [i for i in range(n - 1)]", "y = [i for i in range(1, n)]"]),
        ("y = [i for i in range(2, n)]", "range", ["y = [i for i in range(2, n - 1)]"]),
        ("y = [i for i, x in enumerate(a)]", "range", ["y = [i for i, x in enumerate(a, 1)]"]),
        ("y = [x for x in a if x]", "condition", ["y = [x for x in a if True]", "y = [x for x in a if False]"]),
        ("y = x.data", "attribute dropped", ["y = x"]),
        ("for x in a:\n    if x:\n        break", "break and continue", ["continue"]),
        ("while x:\n    x.pop()", "condition", ["while False:"]),
        ("import torch\nwith torch.no_grad():\n    f()", "context dropped", ["if True:"]),
        ("import torch\ny = x * 2", "gradient detached", ["y = (x * 2).detach()"]),
        ("from value import Value\ny = x * 2", "gradient detached", ["y = Value((x * 2).data)"]),
        ("y = 1\nzero()", "statement dropped", ["pass", "pass"]),
    ],
)  # fmt: skip
def test_each_sort_of_mistake(source: str, sort: str, expected: list[str]) -> None:
    """What is made of a line, in this order; each is a program."""
    assert afters(source)[sort] == expected


def test_what_no_learner_writes_is_left_alone() -> None:
    """Annotations, docstrings, texts of errors, imports and what stands outside the markers."""
    source = '''
        """Module, 1 + 1."""

        import torch

        LIMIT = 1 + 1


        def f(x: int = 1 + 1) -> "list[int] | None":
            """One plus one: 1 + 1."""
            ### BEGIN SOLUTION
            y: dict[str, int] = {}
            if x > y:
                raise ValueError(f"{x + 1} is too large" + "a" * 2)
            ### END SOLUTION
            return x + 1
        '''
    changed = {mutant.before for mutant in mutants("01_x/torch", textwrap.dedent(source))}
    assert changed == {"y: dict[str, int] = {}", "if x > y:", 'raise ValueError(f"{x + 1} is too large" + "a" * 2)'}


def test_mutants_are_programs_and_all_different() -> None:
    """Each parses, none is the solution, no two are the same; their numbers count from 1."""
    source = (Path(courses.__file__).parent / "wire.py").read_text("utf-8")  # no solution: a program of our own
    found = mutants("01_x/pure", source)
    trees = [ast.dump(ast.parse(mutant.source)) for mutant in found]
    assert len(found) > 40
    assert len({*trees, ast.dump(ast.parse(source))}) == len(found) + 1
    assert [mutant.number for mutant in found] == [*range(1, len(found) + 1)]


def test_a_mutant_knows_its_place() -> None:
    """Its function, its line, both lines without comments, and the patch."""
    source = "class A:\n    def f(self):\n        return self.x + 1  # one more\n"
    mutant = next(m for m in mutants("01_x/pure", source) if m.operator == "operator")
    assert (mutant.function, mutant.line) == ("A.f", 3)
    assert (mutant.before, mutant.after) == ("return self.x + 1", "return self.x - 1")
    assert diff(source, mutant).splitlines()[-2:] == [
        "-        return self.x + 1  # one more",
        "+        return self.x - 1  # one more",
    ]


def test_a_change_of_several_lines_is_one_text() -> None:
    assert changed_lines("a = [\n    1,\n    2,\n]\n", "a = [\n    3,\n    4,\n]\n") == ("1, 2,", "3, 4,")


def test_samples_are_of_their_seed() -> None:
    """The same for the same seed, others for another; in order; all where there are not more."""
    everything = mutants("01_x/pure", "y = a + b * c - d / e")
    some = sample(everything, 4, seed=1)
    assert some == sample(everything, 4, seed=1)
    assert some == sorted(some, key=lambda mutant: mutant.number)
    assert len({tuple(m.number for m in sample(everything, 4, seed)) for seed in range(10)}) > 1
    assert sample(everything, 1000, seed=1) == everything


# What the trials add up to


def mutant(number: int, after: str = "y = a - b") -> Mutant:
    return Mutant("01_x/pure", number, "operator", "f", 1, "y = a + b", after, "")


def tried(*trials: Trial, listed: tuple[Equivalent, ...] = ()) -> Tried:
    checks = {name: CheckSpec(name, 1, "hint") for name in ("test_a", "test_b")}
    return Tried(Module("01_x", "pure", "x", checks), trials, listed)


def test_what_each_check_kills() -> None:
    """All that it kills, and what no other check kills."""
    found = tried(
        Trial(mutant(1), {"test_a": "wrong", "test_b": "wrong"}, ("test_p",), slow=False),
        Trial(mutant(2), {"test_a": "wrong"}, (), slow=False),
        Trial(mutant(3), {}, (), slow=False),
    )
    assert found.kills() == {"test_a": (2, 1), "test_b": (1, 0)}
    assert [trial.mutant.number for trial in found.survivors] == [3]
    assert [trial.mutant.number for trial in found.unseen] == [2, 3]
    assert (hidden(found.wrong), public(found.wrong)) == (2 / 3, 1 / 3)


def test_equivalents_do_not_count_and_must_be_such() -> None:
    """One that survives is left out of the shares; one that is killed is a problem, and so is one about no mutant."""
    listed = Equivalent("01_x/pure", "f", "y = a + b", "y = b + a", "addition commutes")
    killed = replace(listed, after="y = a - b")
    gone = replace(listed, after="y = a")
    one = tried(
        Trial(mutant(1, "y = b + a"), {}, (), slow=False),
        Trial(mutant(2), {"test_a": "wrong"}, ("test_p",), slow=False),
        listed=(listed, killed),
    )
    assert (one.equivalent, len(one.wrong), one.survivors) == (2, 0, [])
    problems = Verdict((one,), (gone,), seed=1, sampled=None, public_share=0.85).problems()
    assert len(problems) == 2
    assert "no mutant is as this entry says: 01_x/pure, f: y = a + b -> y = a" in problems[0]
    assert "01_x/pure 2 is killed by test_a, test_p: y = a + b -> y = a - b" in problems[1]


def test_problems_name_survivors_faults_and_weak_public_suites() -> None:
    one = tried(
        Trial(mutant(1), {}, ("test_p",), slow=False),
        Trial(mutant(2), {"test_a": "broke"}, (), slow=False, fault="test_a: the hidden test itself failed"),
    )
    problems = Verdict((one,), (), seed=1, sampled=None, public_share=0.85).problems()
    assert problems == [
        "01_x/pure 1 survives the hidden suite: y = a + b -> y = a - b",
        "01_x/pure 2 breaks a hidden test (test_a: the hidden test itself failed): y = a + b -> y = a - b",
        "01_x/pure: the public suite kills 50%, less than 85%",
    ]
    sampled = Verdict((one,), (), seed=1, sampled=2, public_share=0.85)
    assert len(sampled.problems()) == 2  # a share of a few mutants says little


def test_shares_are_rounded_down() -> None:
    """999 of 1,000 are not shown as all."""
    trials = [Trial(mutant(i), {"test_a": ""} if i else {}, ("test_p",), slow=False) for i in range(2000)]
    assert report.rows(Verdict((tried(*trials),), (), 1, None, 0.85))[-1] == ("all", "2,000", "0", "99.9 %", "100 %")


def test_the_table_goes_to_its_place(tmp_path: Path) -> None:
    """What stands around it stays; a second time changes nothing; without a place there is an error that says how."""
    file = tmp_path / "README.md"
    verdict = Verdict((tried(Trial(mutant(1), {"test_a": ""}, ("p",), slow=False)),), (), 1, None, 0.85)
    file.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", "utf-8")
    report.put_table(file, verdict)
    once = file.read_text("utf-8")
    assert once == f"before\n{report.BEGIN}\n{report.table(verdict)}\n{report.END}\nafter\n"
    report.put_table(file, verdict)
    assert file.read_text("utf-8") == once
    file.write_text("nothing", "utf-8")
    with pytest.raises(UserError, match="has no place for the table"):
        report.put_table(file, verdict)
    assert file.read_text("utf-8") == "nothing"


# On a course

PUBLIC = {
    "exercises/README.md": "Read me.\n",
    "exercises/conftest.py": """
        import sys
        from pathlib import Path

        sys.path += [str(folder) for folder in Path(__file__).parent.glob("[0-9]*")]
        """,
    "exercises/01_double/README.md": "Twice.\n",
    "exercises/01_double/double.py": "",
    "exercises/01_double/test_double.py": """
        import double

        def test_one():
            assert double.double(1.5) == 3.0
        """,
    "exercises/02_quad/README.md": "Four times.\n",
    "exercises/02_quad/quad.py": "",
    "exercises/02_quad/test_quad.py": """
        import quad

        def test_one():
            assert quad.quad(1.5) == 6.0
        """,
}


@pytest.fixture
def audited(mini: Path) -> Path:
    """The mini course with public tests."""
    write_tree(mini, PUBLIC)
    return mini


def audit(course: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--course", str(course), "audit", "--jobs", "1", *words])


@JAIL
def test_survivors_are_shown(audited: Path, tmp_path: Path) -> None:
    """The checks of `double` stay away from 0, so none sees where exactly it begins to refuse; the exit code is 1."""
    done = audit(audited, "--step", "01_double", "--public", "0", "--out", str(tmp_path / "audit"))
    assert done.exit_code == 1, done.output
    lines = done.output.splitlines()
    told = [line.split("suite: ")[1] for line in lines if "survives" in line]
    assert told == ["if x < 0: -> if x <= 0:", "if x < 0: -> if x < 1:", "if x < 0: -> if x < -1:"]
    page = (tmp_path / "audit" / "audit.md").read_text("utf-8")
    assert "-    if x < 0:\n+    if x <= 0:" in page
    data = json.loads((tmp_path / "audit" / "audit.json").read_text("utf-8"))
    trials = {trial["after"]: trial for trial in data["modules"]["01_double/pure"]["trials"]}
    assert trials["return 2 / x"]["hidden"] == {"test_twice": trials["return 2 / x"]["hidden"]["test_twice"]}
    assert trials["return 2 / x"]["public"] == ["test_one"]
    assert list(trials["if True:"]["hidden"]) == ["test_twice"]


@JAIL
def test_listed_equivalents_let_it_pass(audited: Path) -> None:
    """With every survivor on the list the exit code is 0; an entry that is not such is told."""
    page = audited.parent / "audit"
    audit(audited, "--public", "0", "--out", str(page))
    data = json.loads((page / "audit.json").read_text("utf-8"))
    entries = [
        f'[["{key}"]]\nfunction = "{t["function"]}"\nbefore = "{t["before"]}"\nafter = "{t["after"]}"\nreason = "-"\n'
        for key, module in data["modules"].items()
        for t in module["trials"]
        if not t["hidden"]
    ]
    file = audited / "tests" / "equivalents.toml"
    file.write_text("\n".join(entries), "utf-8")
    done = audit(audited, "--public", "0")
    assert done.exit_code == 0, done.output
    killed = (
        '[["01_double/pure"]]\nfunction = "double"\nbefore = "return 2 * x"\nafter = "return 2 / x"\nreason = "-"\n'
    )
    file.write_text("\n".join([*entries, killed]), "utf-8")
    done = audit(audited, "--public", "0")
    assert done.exit_code == 1
    assert "is killed by test_twice, test_one: return 2 * x -> return 2 / x" in done.output


@pytest.mark.slow
@JAIL
@pytest.mark.slow
def test_an_endless_mutant_is_killed_for_its_time(audited: Path, tmp_path: Path) -> None:
    """It ends, is counted as killed by both suites, and is named as refused for its time alone."""
    solution = audited / "solutions" / "02_quad" / "quad.py"
    text = solution.read_text("utf-8")
    loop = "n = 3\n    while n:\n        n -= 1\n    return double(double(x))"
    solution.write_text(text.replace("return double(double(x))", loop), "utf-8")
    audit(audited, "--step", "02_quad", "--out", str(tmp_path / "audit"))
    data = json.loads((tmp_path / "audit" / "audit.json").read_text("utf-8"))
    trials = {trial["after"]: trial for trial in data["modules"]["02_quad/pure"]["trials"]}
    endless = trials["n += 1"]
    assert "took longer" in endless["hidden"]["test_four_times"]
    assert endless["public"] == ["test_one"]
    assert "n += 1" in (tmp_path / "audit" / "audit.md").read_text("utf-8").split("## Refused for the time")[1]


@JAIL
def test_a_suite_that_rejects_its_solution_stops_the_audit(audited: Path) -> None:
    """Nothing that such a suite says of mutants means anything."""
    (audited / "exercises" / "01_double" / "test_double.py").write_text("def test_one():\n    assert 0\n", "utf-8")
    done = audit(audited)
    assert done.exit_code == 2
    assert "the suites reject the solution of 01_double/pure: public test_one" in done.output


def test_a_table_is_of_the_whole_course(audited: Path) -> None:
    done = audit(audited, "--sandbox", "none", "--sample", "1", "--table", str(audited / "course.toml"))
    assert done.exit_code == 2
    assert "a table is of the whole course" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[", "cannot be read"),
        ('[["09_x/pure"]]\nreason = "-"', "there is no module 09_x/pure"),
        ('[["01_double/pure"]]\nreason = "-"', "must have the texts function, before, after, reason"),
        ('[["01_double/pure"]]\nfunction="f"\nbefore="a"\nafter="b"\nreason=" "', "must have the texts"),
    ],
)
def test_a_list_of_equivalents_that_is_none(mini: Path, text: str, said: str) -> None:
    """What is wrong with it, and which file it is."""
    file = mini / "tests" / "equivalents.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UserError, match=said) as caught:
        equivalents.read(courses.load(mini))
    assert str(file) in str(caught.value)


# The jail of public suites

ATTACK = '''
def double(x):
    """Does what a mutant must not be able to."""
    {attack}
    if x < 0:
        raise ValueError("negative")
    return 2 * x
'''


@pytest.fixture
def suites(audited: Path, request: pytest.FixtureRequest) -> Iterator[PublicSuites]:
    one = PublicSuites(courses.load(audited), {"pure"}, request.param)
    yield one
    one.close()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        one.setblocking(False)
        yield one


def attacks(folder: Path, server: socket.socket) -> dict[str, tuple[str, Callable[[], bool]]]:
    """What each does, and whether it has worked."""
    mark = folder / "mark"

    def called() -> bool:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    return {
        "writes a file": (f"open({str(mark)!r}, 'w').write('x')", mark.exists),
        "starts a program": (f"import subprocess; subprocess.run(['touch', {str(mark)!r}])", mark.exists),
        "calls a server": (
            f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))",
            called,
        ),
    }


@JAIL
@pytest.mark.parametrize("what", ["writes a file", "starts a program", "calls a server"])
@pytest.mark.parametrize(("suites", "works"), [("jail", False), ("none", True)], indirect=["suites"])
def test_the_jail_holds_for_public_suites(
    suites: PublicSuites, works: bool, what: str, tmp_path: Path, server: socket.socket
) -> None:
    """What works without the jail does not within, and the test that met it fails."""
    tmp_path.chmod(0o777)  # so that it is the jail that refuses, and not the rights of the folder
    attack, has_worked = attacks(tmp_path, server)[what]
    module = suites.course.modules(["01_double"])[0]
    found = suites.run(module, ATTACK.format(attack=attack), 5)
    assert has_worked() is works
    assert found["failed"] == ([] if works else ["test_one"])


@JAIL
@pytest.mark.parametrize("suites", ["jail"], indirect=True)
def test_a_mutant_leaves_nothing_to_the_next(suites: PublicSuites) -> None:
    """The solution passes after a mutant that fails; what a mutant prints or leaves in memory reaches nobody."""
    module = suites.course.modules(["01_double"])[0]
    solution = suites.course.solution(module).read_text("utf-8")
    for source, failed in ((solution, []), (solution.replace("2 * x", "3 * x"), ["test_one"]), (solution, [])):
        assert suites.run(module, source, 5)["failed"] == failed
    assert suites.run(module, "import os\nos._exit(3)\n", 5)["failed"] == ["collecting"]
    assert suites.run(module, solution.replace("return 2 * x", "print('x' * 10**6); return 2 * x"), 5)["failed"] == []
