"""What a learner does in the first minutes and the last, on whatever system and Python this runs.

    python .ci/learner.py [--torch]

Needs what the README asks a learner to install: pytest (and torch). In a copy of exercises/ the first test is red and
says what to write; the answer to one step turns it green; with all ten the model is trained for a few steps, invents
names, and is put into one program that runs. Exit code 1: a command went wrong, and what it said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = sorted(path.name for path in (ROOT / "solutions").iterdir())


def main() -> int:
    """Walk the way, and say which command broke it."""
    torch = sys.argv[1:] == ["--torch"]
    suffix, track = ("_torch", ["--torch"]) if torch else ("", [])
    with tempfile.TemporaryDirectory(prefix="a learner's ") as name:  # a blank and an apostrophe, as homes may have
        home = Path(name)
        shutil.copytree(ROOT / "exercises", home / "exercises")
        walk = Walk(home)
        first = f"exercises/01_value/test_value{suffix}.py"
        walk.pytest(first, code=1, says="01_value: write ")
        walk.program("hint", "01", *track, says="hint 1 of 3")
        walk.write(f"01_value/value{suffix}.py")
        walk.pytest(first, says="Next: read exercises/02_backward/README.md, then pytest exercises/02_backward/test_")
        for step in STEPS[1:]:
            walk.write(f"{step}/{step[3:]}{suffix}.py")
        walk.program("status", *(track or ["--pure"]), says="all steps are done")
        walk.program("train", "--steps", "5", *track, says="next: python exercises/microgpt.py sample")
        walk.program("sample", *track, says="next: python exercises/microgpt.py page")
        walk.program("page", *track, says="open it in a browser")
        walk.program("assemble", *(track or ["--pure"]), says="next: ")
        program = home / "my_gpt" / ("microgpt_pytorch.py" if torch else "microgpt_simple.py")
        program.write_text(program.read_text("utf-8").replace("num_steps=1000", "num_steps=3"), encoding="utf-8")
        walk.python(str(program.relative_to(home)), says="new names:")
        walk.program("reset", "03", *track, says="what you had written is kept")
    which = "PyTorch" if torch else "pure Python"
    print(f"{which}, Python {sys.version.split()[0]} on {sys.platform}: {walk.done} commands went right")
    return 0


class Walk:
    """Commands in a learner's folder, each held to its exit code and to what it says."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.done = 0

    def write(self, file: str) -> None:
        """The learner has written this file."""
        shutil.copy(ROOT / "solutions" / file, self.home / "exercises" / file)

    def pytest(self, *words: str, says: str, code: int = 0) -> None:
        self.python("-m", "pytest", "-p", "no:cacheprovider", *words, says=says, code=code)

    def program(self, *words: str, says: str) -> None:
        self.python("exercises/microgpt.py", *words, says=says)

    def python(self, *words: str, says: str, code: int = 0) -> None:
        """SystemExit: it ended otherwise, did not say this, or showed a traceback."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.home, env=environment, capture_output=True, text=True, errors="replace"
        )
        told = done.stdout + done.stderr
        if done.returncode != code or says not in told or "Traceback" in told:
            command = f"python {' '.join(words)}"
            sys.exit(f"{command} ended with {done.returncode} in place of {code}, or without {says!r}:\n{told}")
        self.done += 1


if __name__ == "__main__":
    sys.exit(main())
