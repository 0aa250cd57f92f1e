"""The zip that Gradescope makes an autograder of. Trusted side.

Gradescope's layout (gradescope-autograders.readthedocs.io, "Autograder Specifications"): the zip has setup.sh and an
executable run_autograder at its top; it is unpacked to /autograder/source, run_autograder is copied to /autograder,
and setup.sh is run once, when the Docker image is built. For each submission a container of that image is started; the
files are in /autograder/submission, /autograder/submission_metadata.json tells about them, and
/autograder/results/results.json is what is shown. The default image is Ubuntu 22.04 ("Base Images").

How far the jail holds there. Gradescope says that it uses Docker, starts the autograder as root, and recommends a
filter of system calls ("Technical Details", "Best Practices"): that half should work. It says nothing about the kernel
or Landlock, and the writers of this have not run it there. Docker's default settings let the jail work (played in the
grader's tests, see SECURITY.md) on Linux 6.2 or later with Landlock switched on; under gVisor it cannot work, since
that has no Landlock (google/gvisor issue 13439). So the autograder asks the kernel before it runs anything, and where
the jail cannot be enforced it grades nobody, says to the learner that this is not their fault, and to the instructor
what is missing. The downloaded submissions can be graded elsewhere then. The only other way is `sandbox="none"`:
learner code then runs as root beside the hidden tests and the solutions, can read and send away both, and can write its
own results.json. It is never chosen by itself.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import grader
from grader.course import Course
from grader.errors import UserError
from grader.report.gradescope import not_graded

FILES = Path(__file__).parent / "files"  # what is put into the zip as it is
PROGRAMS = ("setup.sh", "run_autograder")
PACKAGE = Path(grader.__file__).parent
PARTS = ("solutions", "exercises", "tests/hidden")
LEFT_OUT = ("__pycache__", "my_gpt")  # what trying out the course leaves behind, and what begins with a dot
REQUIREMENTS = ("click>=8.1", "jinja2>=3.1", "msgpack>=1.1", "pytest>=8.3", "pyyaml>=6", "rich>=13.9")
TORCH = "torch>=2.6,<2.14"  # where the course has that track; plain pip takes a large build, and works
BROKEN_OFF = "run_autograder was ended before it had finished (time, memory), or Python did not start: see its output"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip knows: the same course and seed are the same bytes


def build(
    course: Course,
    file: Path,
    steps: Iterable[str] = (),
    tracks: Iterable[str] = (),
    seed: int | None = None,
    sandbox: str = "jail",
) -> list[str]:
    """Write the autograder for these steps and tracks (default: all) to `file`. Returns the names in it.

    `seed` of the hidden inputs: the same for all submissions; None draws one. `sandbox` "none" gives up the protection.
    UserError: no such step or track, `file` is there already, or something cannot be read or written.
    """
    modules = course.modules(steps, tracks)
    if not modules:
        raise UserError("no module is in that selection", next_step="take another --step or --track")
    if file.exists():
        raise UserError("is there already", where=str(file), next_step="give a new name, or remove that file")
    settings = {
        "steps": list(dict.fromkeys(module.step for module in modules)),
        "tracks": list(dict.fromkeys(module.track for module in modules)),
        "seed": secrets.randbelow(1 << 31) if seed is None else seed,
        "sandbox": sandbox,
    }
    try:
        return _write(file, dict(_contents(course, settings)))
    except OSError as error:
        raise UserError(
            f"cannot be read or written: {error.strerror}",
            where=str(error.filename or file),
            next_step="check its rights",
        ) from None


def _contents(course: Course, settings: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in the zip."""
    for source in sorted(FILES.iterdir()):
        yield source.name, source.read_bytes()
    requirements = [*REQUIREMENTS, *([TORCH] if "torch" in course.tracks else [])]
    yield "requirements.txt", "".join(f"{line}\n" for line in requirements).encode()
    yield "autograder.json", (json.dumps(settings, indent=1) + "\n").encode()
    yield "not_graded.json", not_graded(BROKEN_OFF).encode()
    yield "course.toml", (course.root / "course.toml").read_bytes()
    for part in PARTS:
        yield from _tree(course.root / part, part)
    yield from _tree(PACKAGE, "grader")


def _tree(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    for source in sorted(folder.rglob("*")):
        inside = source.relative_to(folder)
        if source.is_file() and not any(part.startswith(".") or part in LEFT_OUT for part in inside.parts):
            yield f"{name}/{inside.as_posix()}", source.read_bytes()


def _write(file: Path, contents: dict[str, bytes]) -> list[str]:
    """The zip, whole or not at all. Only its owner may read it (mkstemp's doing): it holds the hidden tests."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w") as whole:
            for name, content in contents.items():
                member = zipfile.ZipInfo(name, EPOCH)
                mode = 0o100755 if name in PROGRAMS else 0o100644
                member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, mode << 16
                whole.writestr(member, content)
        Path(unfinished).replace(file)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return list(contents)
