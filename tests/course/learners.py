"""What tests of exercises/microgpt.py share: the program run as a learner runs it, and a learner's folder.

Whoever imports this can import `runner`, which the program is made of.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "exercises" / "microgpt.py"
sys.path.append(str(ROOT / "exercises"))  # last: it has a conftest.py too


def hiding(package: str) -> str:
    """Code under which a package seems not to be installed: a pytest plugin's, or sitecustomize's."""
    return (
        "import importlib.util\nreal = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *a: None if name == {package!r} else real(name, *a)\n"
    )


def command(program: Path, *words: object) -> list[str]:
    # warnings are errors, but for the one of torch where numpy is not installed
    quiet = ["-W", "error", "-W", "ignore:Failed to initialize NumPy:UserWarning"]
    return [sys.executable, *quiet, str(program), *map(str, words)]


def run(*words: object, cwd: Path, program: Path = PROGRAM, **env: str) -> subprocess.CompletedProcess[str]:
    # the plugins that other packages bring take longer to load than most of what is run here
    environment = {**os.environ, "NO_COLOR": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **env}
    return subprocess.run(
        command(program, *words), cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )


def learner(tmp_path: Path, upto: int) -> Path:
    """A learner's folder with the first steps done in both tracks; returns its microgpt.py."""
    folder = tmp_path / "course" / "exercises"
    shutil.copytree(ROOT / "exercises", folder, ignore=shutil.ignore_patterns("__pycache__", "my_gpt"))
    for step in sorted((ROOT / "solutions").glob("[0-9]*"))[:upto]:
        shutil.copytree(step, folder / step.name, dirs_exist_ok=True)
    return folder / "microgpt.py"
