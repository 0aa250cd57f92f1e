"""The folder that is handed out to learners: stubs, public tests, lessons and what they need. Trusted side.

Made from the course, searched for anything that must not be in it, and only then put in its place.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from grader.course import Course
from grader.errors import UserError
from grader.release.leaks import LEFT_BEHIND, leaks
from grader.release.notebooks import write_notebooks
from grader.release.stubs import write_stubs

SETTINGS = {
    "pytest.ini": "[pytest]\ntestpaths = exercises\naddopts = --import-mode=importlib\n",
    "requirements.txt": "pytest>=8.3\n",
    ".gitignore": ".venv/\n__pycache__/\n.ipynb_checkpoints/\n.pytest_cache/\nmy_gpt/\n*.py.bak*\n",
}
WORKFLOW = ".github/workflows/classroom.yml"  # runs the public tests where a learner's folder is a repository on GitHub
MOST_SHOWN = 10
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip knows: the same release is the same bytes


def build(course: Course, folder: Path, zipped: bool = False) -> list[Path]:
    """Make the release in `folder`, which must be new or empty, and, `zipped`, beside it as a zip. Returns the files.

    UserError: something is there already, something in the release gives an answer or a hidden test away, or the
    folder cannot be written. Nothing is left behind then.
    """
    archive = folder.parent / f"{folder.name}.zip"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError("is there already", where=str(folder), next_step="give a new folder, or remove that one")
    if zipped and archive.exists():
        raise UserError("is there already", where=str(archive), next_step="give another folder, or remove that file")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".release-") as name:
            made = Path(name, "release")
            fill(course, made)
            _refuse_leaks(course, made)
            files = sorted(file.relative_to(made) for file in made.rglob("*") if file.is_file())
            if zipped:
                _pack(made, files, Path(name, archive.name), folder.name)
            made.replace(folder)
            if zipped:
                Path(name, archive.name).replace(archive)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(error.filename or folder), next_step="check its rights"
        ) from None
    return [folder / file for file in files]


def fill(course: Course, made: Path) -> None:
    """Everything that a release holds, unsearched."""
    exercises = made / "exercises"
    shutil.copytree(course.root / "exercises", exercises, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    write_stubs(course, exercises)  # whatever somebody has tried out in exercises/
    write_notebooks(course, exercises)
    if (exercises / "README.md").is_file():
        (exercises / "README.md").replace(made / "README.md")
    for name, text in SETTINGS.items():
        (made / name).write_text(text, "utf-8", newline="\n")
    (made / WORKFLOW).parent.mkdir(parents=True)
    shutil.copyfile(Path(__file__).with_name("classroom.yml"), made / WORKFLOW)
    if (course.root / "LICENSE").is_file():
        shutil.copyfile(course.root / "LICENSE", made / "LICENSE")


def solve(course: Course, made: Path) -> None:
    """What it takes to run the public tests on the solutions, in a new folder: no lessons, no notebooks."""
    shutil.copytree(
        course.root / "exercises", made / "exercises", ignore=shutil.ignore_patterns(*LEFT_BEHIND, "*.ipynb")
    )
    for module in course.modules():
        shutil.copyfile(course.solution(module), made / "exercises" / module.step / module.file)
    (made / "pytest.ini").write_text(SETTINGS["pytest.ini"], "utf-8")


def _refuse_leaks(course: Course, made: Path) -> None:
    found = leaks(made, course)
    if not found:
        return
    shown = [str(leak) for leak in found[:MOST_SHOWN]]
    more = [f"and {len(found) - MOST_SHOWN} places more"] if len(found) > MOST_SHOWN else []
    raise UserError(
        "nothing is released, since learners would get, or may get, what they must not have:\n  "
        + "\n  ".join(shown + more),
        next_step="take it out of exercises/, or name what a lesson shows on purpose as `worked` in course.toml",
    )


def _pack(made: Path, files: list[Path], archive: Path, name: str) -> None:
    """A zip of these files, beneath one folder of that name."""
    with zipfile.ZipFile(archive, "w") as whole:
        for file in files:
            member = zipfile.ZipInfo(f"{name}/{file.as_posix()}", EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            whole.writestr(member, (made / file).read_bytes())
