"""`hint`, `reset`, `diff` and `watch` of exercises/microgpt.py, as a learner types them."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from learners import ROOT, command, hiding, learner, run

STUB = (ROOT / "exercises" / "03_softmax" / "softmax.py").read_bytes()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The microgpt.py of a learner who has done two steps."""
    return learner(tmp_path, upto=2)


def typed(program: Path, line: str) -> str:
    """What a command says that works."""
    done = run(*line.split(), cwd=program.parents[1], program=program)
    assert (done.returncode, done.stderr) == (0, ""), (line, done.stdout, done.stderr)
    return done.stdout


def refused(program: Path, line: str) -> str:
    """What a command says that does not."""
    done = run(*line.split(), cwd=program.parents[1], program=program)
    assert (done.returncode, done.stdout) == (1, ""), (line, done.stdout, done.stderr)
    return done.stderr


def written(program: Path, name: str, old: str, new: str) -> None:
    """The solution of step 03 with a change is what the learner has written."""
    text = (ROOT / "solutions" / "03_softmax" / name).read_text("utf-8")
    assert text.count(old) == 1
    (program.parent / "03_softmax" / name).write_text(text.replace(old, new), "utf-8")


def test_hints_come_one_at_a_time(program: Path) -> None:
    """Of the first function that is not written; each says how to get the next, and the last names the tests."""
    said, line = [], "hint 03"
    for title in ("hint 1 of 3: the idea", "hint 2 of 3: step by step", "hint 3 of 3: nearly code"):
        said.append(typed(program, line))
        assert said[-1].startswith(f"softmax() in softmax.py, {title}\n\n    ")
        following = said[-1].splitlines()[-1].removeprefix("next: ")
        line = following.removeprefix("python exercises/microgpt.py ")
    assert following == "pytest exercises/03_softmax/test_softmax.py"
    assert ["    exps = [" in text for text in said] == [False, False, True]


def test_a_hint_is_for_what_is_left(program: Path) -> None:
    """With softmax written it is for cross_entropy; with both, the learner is asked which."""
    solution = (ROOT / "solutions" / "03_softmax" / "softmax.py").read_text("utf-8")
    first = solution.partition("def cross_entropy")[0]
    stub = STUB.decode().partition("def cross_entropy")[2]
    (program.parent / "03_softmax" / "softmax.py").write_text(f"{first}def cross_entropy{stub}", "utf-8")
    assert typed(program, "hint 03").startswith("cross_entropy() in softmax.py, hint 1 of 3")
    assert typed(program, "hint 02").splitlines() == [
        "Every function of exercises/02_backward/backward.py is written. Which one is it about?",
        "    python exercises/microgpt.py hint 02 topological_order",
        "    python exercises/microgpt.py hint 02 backward",
    ]
    assert typed(program, "hint 02 backward 2").startswith("backward() in backward.py, hint 2 of 3")


@pytest.mark.parametrize("step", ["3", "03", "softmax", "03_softmax", "exercises/03_softmax/", "Softmax.py"])
def test_names_of_a_step(program: Path, step: str) -> None:
    """A step is found by what it is called and by what the shell completes."""
    assert typed(program, f"hint {step}") == typed(program, "hint 03")


@pytest.mark.parametrize(
    "line", ["hint 03 softmax 2 --torch", "hint 03 --torch softmax 2", "--torch hint 03 2", "hint softmax_torch 2"]
)
def test_hints_of_the_torch_track(program: Path, line: str) -> None:
    """Wherever the option stands, and without it where the file is named; the next command has it."""
    said = typed(program, line)
    assert said.startswith("softmax() in softmax_torch.py, hint 2 of 3")
    assert said.endswith("next: python exercises/microgpt.py hint 03 softmax 3 --torch\n")


@pytest.mark.parametrize("function", ["Value.__mul__", "__mul__", "mul", "mul()", "value.__MUL__"])
def test_names_of_a_method(program: Path, function: str) -> None:
    """A method is found with and without its class, underscores and parentheses."""
    assert typed(program, f"hint 01 {function}").startswith("Value.__mul__() in value.py, hint 1 of 3")


@pytest.mark.parametrize(
    ("line", "says", "following"),
    [
        ("hint 11", "there is no step 11", "one of 01, 02, 03, 04, 05, 06, 07, 08, 09, 10"),
        ("hint 03 4", "there is no level 4, only 1, 2 and 3", "python exercises/microgpt.py hint 03"),
        ("hint 03 sigmoid", "there is no hint for sigmoid", "python exercises/microgpt.py hint 03 softmax"),
        (
            "hint 01 forward --torch",
            "forward is the name of several",
            "exercises/microgpt.py hint 01 Add.forward --torch",
        ),
        ("reset 11", "there is no step 11", "one of 01"),
    ],
)
def test_what_there_is_not(program: Path, line: str, says: str, following: str) -> None:
    """Said in a line, with what there is."""
    said = refused(program, line)
    assert said.startswith(f"error: {says}\nnext: ")
    assert following in said


def test_a_step_is_begun_again(program: Path) -> None:
    """The stub is back, byte for byte, and what was written stands beside it, byte for byte, each time anew."""
    file = program.parent / "03_softmax" / "softmax.py"
    for number, work in ((1, b"def softmax(\r\n"), (2, b"\xff\xfe my second try")):
        file.write_bytes(work)
        assert typed(program, "reset 03").splitlines() == [
            "exercises/03_softmax/softmax.py is as it was handed out again",
            f"what you had written is kept: exercises/03_softmax/softmax.py.bak{number}",
        ]
        assert file.read_bytes() == STUB
        assert file.with_name(f"softmax.py.bak{number}").read_bytes() == work
    assert typed(program, "reset 03") == "exercises/03_softmax/softmax.py is as it was handed out\n"
    file.unlink()
    assert typed(program, "reset 03") == "exercises/03_softmax/softmax.py is as it was handed out again\n"
    assert file.read_bytes() == STUB
    assert not file.with_name("softmax.py.bak3").exists()


def test_every_stub_can_be_had_again(tmp_path: Path) -> None:
    """For all ten steps of both tracks, over the solutions: what was handed out is back."""
    program = learner(tmp_path, upto=10)
    for step in sorted((ROOT / "solutions").glob("[0-9]*")):
        for track in ("", " --torch"):
            typed(program, f"reset {step.name}{track}")
        for solution in step.glob("*.py"):
            assert (program.parent / step.name / solution.name).read_bytes() == (
                ROOT / "exercises" / step.name / solution.name
            ).read_bytes()


def test_the_solution_is_shown_afterwards(program: Path) -> None:
    """Not while a test fails; then where the two differ, and where they do not, that is said."""
    solutions = program.parents[1] / "solutions"
    assert refused(program, "diff 03").startswith("error: there is no solution to compare with: solutions")
    shutil.copytree(ROOT / "solutions", solutions)
    refusal = (
        "error: 03_softmax does not pass its tests yet; the solution is for afterwards\n"
        "next: pytest exercises/03_softmax/test_softmax.py\n"
    )
    assert refused(program, "diff 03") == refusal
    written(program, "softmax.py", "[e / total for e in exps]", "[e * total for e in exps]")
    assert refused(program, "diff 03") == refusal
    written(program, "softmax.py", "[e / total for e in exps]", "[part / total for part in exps]")
    assert [line for line in typed(program, "diff 03").splitlines() if line[0] in "+-"] == [
        "--- exercises/03_softmax/softmax.py",
        "+++ solutions/03_softmax/softmax.py",
        "-    ### BEGIN SOLUTION",
        "-    return [part / total for part in exps]",
        "-    ### END SOLUTION",
        "+    return [e / total for e in exps]",
        "-    ### BEGIN SOLUTION",
        "-    ### END SOLUTION",
    ]
    marks = ("    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n")
    text = (solutions / "03_softmax" / "softmax.py").read_text("utf-8").replace(marks[0], "").replace(marks[1], "")
    (program.parent / "03_softmax" / "softmax.py").write_text(text, "utf-8")
    assert typed(program, "diff 03") == "exercises/03_softmax/softmax.py is the solution, line by line\n"


def test_the_solution_in_torch_needs_torch(program: Path, tmp_path: Path) -> None:
    """Where PyTorch is missing, that is what keeps the tests from passing."""
    shutil.copytree(ROOT / "solutions", program.parents[1] / "solutions")
    (tmp_path / "sitecustomize.py").write_text(hiding("torch"))
    done = run("diff", "03", "--torch", cwd=tmp_path, program=program, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == 'error: PyTorch is not installed\nnext: pip install "torch>=2.6,<2.14"\n'


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_does_not_have_the_letter(program: Path, encoding: str) -> None:
    """A learner's comment in another script is shown as far as can be, in place of a traceback."""
    shutil.copytree(ROOT / "solutions", program.parents[1] / "solutions")
    written(program, "softmax.py", "# a plain number: the result does not depend on it", "# число")
    done = run("diff", "03", cwd=program.parents[1], program=program, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert "-    highest = max(logit.data for logit in logits)  # ?????" in done.stdout.splitlines()


def test_tests_run_at_each_save(program: Path) -> None:
    """First at once, then when a file of any step is saved, also an earlier one; Ctrl-C ends with exit code 0."""
    process = subprocess.Popen(
        command(program, "watch", "03"),
        cwd=program.parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # it is ignored where tests run in background
    )

    def until_it_waits() -> str:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            if line.startswith("waiting for a file to be saved"):
                return "".join(seen)
            seen.append(line)
        raise AssertionError("".join(seen))

    with process:
        try:
            assert "03_softmax      not started" in until_it_waits()
            written(program, "softmax.py", "highest = max(logit.data for logit in logits)\n    s", "highest = 1\n    s")
            said = until_it_waits()
            assert "softmax.py saved\n" in said
            assert "03_softmax, pure Python: " in said
            written(program, "softmax.py", "sum(exps[1:], exps[0])\n", "sum(exps)\n")
            assert "03_softmax      done" in until_it_waits()
            shutil.copy(ROOT / "exercises" / "01_value" / "value.py", program.parent / "01_value" / "value.py")
            said = until_it_waits()
            assert "value.py saved\n" in said
            assert "needs 01_value" in said
            process.send_signal(signal.SIGINT)
            assert (process.communicate(timeout=60)[0], process.returncode) == ("\n", 0)
        finally:
            process.kill()


def test_watching_needs_watchfiles(program: Path, tmp_path: Path) -> None:
    """Where it is missing, what to install is said."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['watchfiles'] = None\n")
    done = run("watch", "03", cwd=program.parents[1], program=program, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "error: watchfiles is not installed\nnext: pip install watchfiles\n")
