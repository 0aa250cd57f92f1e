"""Stubs are generated from the solutions, and the committed ones are in step with them."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from grader import course as courses
from grader.cli import main
from grader.errors import UserError
from grader.release.bundle import SETTINGS, WORKFLOW, build
from grader.release.leaks import leaks, secrets
from grader.release.stubs import BEGIN, END, stub, write_stubs

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


# The folder that is handed out


@pytest.fixture
def own_course(tmp_path: Path) -> courses.Course:
    """A copy of the course that may be changed."""
    for part in ("course.toml", "LICENSE"):
        shutil.copy(ROOT / part, tmp_path / part)
    for part in ("exercises", "solutions", "tests/hidden"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return courses.load(tmp_path)


def test_what_a_release_holds(own_course: courses.Course) -> None:
    """Everything of exercises/ but what trying it out leaves behind, the stubs as they are generated, and settings."""
    root = own_course.root
    (root / "exercises" / "my_gpt").mkdir()
    (root / "exercises" / "my_gpt" / "model.json").write_text("{}")
    (root / "exercises" / ".notes").write_text("")
    (root / "exercises" / "01_value" / "__pycache__").mkdir()
    shutil.copy(root / "solutions" / "01_value" / "value.py", root / "exercises" / "01_value" / "value.py")
    got = build(own_course, root / "out" / "release")
    kept = {
        p.relative_to(ROOT) for p in (ROOT / "exercises").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    want = {*map(Path, [*SETTINGS, WORKFLOW, "LICENSE", "README.md"]), *kept} - {Path("exercises/README.md")}
    assert {file.relative_to(root / "out" / "release") for file in got} == want
    assert [path.name for path in (root / "out").iterdir()] == ["release"]
    for module in MODULES:
        text = (root / "out" / "release" / "exercises" / module.step / module.file).read_text("utf-8")
        assert text == (ROOT / "exercises" / module.step / module.file).read_text("utf-8")


def test_a_learner_starts_from_a_release(tmp_path: Path) -> None:
    """In a release by itself the public tests run: they fail with the stub's sentence, and pass when it is solved."""
    build(courses.load(ROOT), tmp_path / "release")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "exercises/03_softmax/test_softmax.py"]
    before = subprocess.run(command, cwd=tmp_path / "release", capture_output=True, text=True, check=False)
    assert before.returncode == 1
    assert "write softmax() in softmax.py" in before.stdout
    for name in ("01_value/value.py", "02_backward/backward.py", "03_softmax/softmax.py"):
        shutil.copy(ROOT / "solutions" / name, tmp_path / "release" / "exercises" / name)
    after = subprocess.run(command, cwd=tmp_path / "release", capture_output=True, text=True, check=False)
    assert after.returncode == 0, after.stdout


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, only to be read."""
    folder = tmp_path_factory.mktemp("out") / "release"
    build(courses.load(ROOT), folder)
    return folder


def jobs(released: Path) -> dict[str, dict[str, Any]]:
    """The jobs of the workflow, as any reader of YAML sees them."""
    return yaml.safe_load((released / WORKFLOW).read_text("utf-8"))["jobs"]


def test_the_workflow_may_do_little(released: Path) -> None:
    """It reads the repository and nothing else, keeps no token, ends by itself, and names what it uses by version."""
    whole = yaml.safe_load((released / WORKFLOW).read_text("utf-8"))
    assert whole["permissions"] == {"contents": "read"}
    assert set(whole["on"]) == {"push", "workflow_dispatch"}
    for job in whole["jobs"].values():
        assert "permissions" not in job
        assert 0 < job["timeout-minutes"] <= 30
        uses = [step for step in job["steps"] if "uses" in step]
        assert [re.fullmatch(r"(actions/[a-z-]+)@v\d+", step["uses"])[1] for step in uses] == [
            "actions/checkout", "actions/setup-python",
        ]  # fmt: skip
        assert uses[0]["with"] == {"persist-credentials": False}
        assert "${{" not in "".join(step.get("run", "") for step in job["steps"])  # nothing is pasted into a shell


def test_the_workflow_names_what_is_there(released: Path) -> None:
    """Every file that a command reads is in the release; each job installs what it needs and keeps a summary."""
    for name, job in jobs(released).items():
        commands = [step["run"] for step in job["steps"] if "run" in step]
        made = {"public-tests.txt"}
        for word in (word for command in commands for word in shlex.split(command)):
            if re.fullmatch(r"[\w./-]+\.(txt|py|ini|toml|md)|exercises(/.*)?", word):
                assert word in made or (released / word).exists(), word
        assert "-r requirements.txt" in commands[0]
        assert ("torch" in commands[0]) == (name == "torch")
        assert '>> "$GITHUB_STEP_SUMMARY"' in commands[-1]
    assert jobs(released)["torch"]["if"] == "${{ vars.TORCH_TRACK == 'yes' }}"


def test_the_workflow_runs_the_public_tests(released: Path) -> None:
    """The command, as it stands there, collects every public test of the pure track and none of the other."""
    command = next(step["run"] for step in jobs(released)["pure"]["steps"] if step.get("name") == "Public tests")
    python = f"{shlex.quote(sys.executable)} -m pytest -p no:cacheprovider --collect-only -q"
    done = subprocess.run(
        ["bash", "-c", command.replace("python -m pytest", python).split("|")[0]],
        cwd=released, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    collected = {line.split("::")[0] for line in done.stdout.splitlines() if "::" in line}
    pure = {f"exercises/{m.step}/test_{m.file}" for m in MODULES if m.track == "pure"}
    assert collected == pure


def test_a_failing_test_fails_the_workflow(released: Path) -> None:
    """Its shell notices a failure before the pipe, where pytest's exit code would be lost otherwise."""
    for job in jobs(released).values():
        step = next(step for step in job["steps"] if step.get("name") == "Public tests")
        assert step["shell"] == "bash"
        assert "| tee public-tests.txt" in step["run"]


def notebook(**parts: object) -> str:
    cell = {"cell_type": "code", "source": ["x = 1"], "outputs": [], "metadata": {}} | parts
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def passage(course: courses.Course, start: str) -> list[str]:
    """The first passage that gives away what begins so."""
    return list(
        next(lines for lines, source in secrets(course).items() if source.startswith(start) and len(lines) == 2)
    )


@pytest.mark.parametrize(
    "source", ["the solution of 03_softmax/pure", "tests/hidden/03_softmax/probes.py", "tests/hidden/kit"]
)
@pytest.mark.parametrize("way", ["lesson", "comment", "data", "source", "output", "metadata"])
def test_nothing_is_given_away(own_course: courses.Course, source: str, way: str) -> None:
    """An answer, a probe or a hidden test anywhere in exercises/ is found, named, and nothing is released."""
    lines, step = passage(own_course, source), own_course.root / "exercises" / "03_softmax"
    text = "\n".join(lines)
    if way == "lesson":
        file, found = step / "README.md", (step / "README.md").read_text("utf-8") + "\n".join(f"    {x}" for x in lines)
    elif way == "comment":
        file, found = step / "test_softmax.py", "# " + "\n\n   # ".join(lines)
    elif way == "data":
        file, found = own_course.root / "exercises" / "data" / "more.txt", f"a\n{text}"
    else:
        outputs = {
            "output": {"outputs": [{"text": [f"{x}\n" for x in lines]}]},
            "metadata": {"metadata": {"x": {"y": text}}},
        }
        file, found = step / "softmax.ipynb", notebook(**outputs.get(way, {"source": text}))
    file.write_text(found, "utf-8")
    with pytest.raises(UserError, match="nothing is released") as error:
        build(own_course, own_course.root / "out")
    assert f"{file.relative_to(own_course.root).as_posix()}, line " in str(error.value)
    assert f"gives away {source}" in str(error.value)
    assert not (own_course.root / "out").exists()


def test_a_worked_example_is_no_leak(own_course: courses.Course) -> None:
    """What a lesson shows on purpose is named in course.toml; without that it is a leak."""
    lesson = own_course.root / "exercises" / "01_value"
    assert leaks(lesson, own_course) == []
    manifest = own_course.root / "course.toml"
    manifest.write_text(manifest.read_text("utf-8").replace('worked = ["Value.__add__"]', "worked = []"), "utf-8")
    assert {leak.secret for leak in leaks(lesson, courses.load(own_course.root))} == {"the solution of 01_value/pure"}


def test_every_solution_has_something_to_give_away() -> None:
    """The search knows passages of each solution and of each hidden file that is longer than a few lines."""
    sources = set(secrets(courses.load(ROOT)).values())
    assert {f"the solution of {module.key}" for module in MODULES} <= sources
    hidden = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests" / "hidden").rglob("*.py")}
    assert hidden <= sources


def test_the_same_release_is_the_same_zip(tmp_path: Path) -> None:
    """Two releases of one course are equal byte for byte, and the zip holds what the folder holds."""
    course = courses.load(ROOT)
    for place in ("a", "b"):
        build(course, tmp_path / place / "release", zipped=True)
    zips = [tmp_path / place / "release.zip" for place in ("a", "b")]
    assert zips[0].read_bytes() == zips[1].read_bytes()
    with zipfile.ZipFile(zips[0]) as whole:
        held = {name: whole.read(name) for name in whole.namelist()}
    files = {file for file in (tmp_path / "a" / "release").rglob("*") if file.is_file()}
    assert held == {file.relative_to(tmp_path / "a").as_posix(): file.read_bytes() for file in files}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with something in it is left alone; so is a zip. The command says what to do, and ends with 2."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("mine")
    (tmp_path / "new.zip").write_text("mine")
    for arguments in ([str(tmp_path / "mine")], [str(tmp_path / "new"), "--zip"], [], [str(tmp_path / "x"), "--stubs"]):
        done = CliRunner().invoke(main, ["--course", str(ROOT), "release", *arguments])
        assert done.exit_code == 2, done.output
        assert "Traceback" not in done.output
    assert (tmp_path / "mine" / "work.txt").read_text() == (tmp_path / "new.zip").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "new.zip"]
