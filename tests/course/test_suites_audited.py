"""The audit of this course: a sample of the mutants here; of all of them `make audit`, whose table is in the README."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader import course as courses
from grader.audit import equivalents, report
from grader.audit.mutants import of_module
from grader.marking.workers import missing_features

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
AT_LEAST = 40  # mutants a module
SAMPLE = 3  # a module
SEED = 5


def rows() -> dict[str, list[str]]:
    """The table in the README, by module."""
    text = (ROOT / "README.md").read_text("utf-8").split(report.BEGIN)[1].split(report.END)[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()]
    return {cells[0]: cells[1:] for cells in lines[2:]}


def test_the_table_is_of_these_solutions() -> None:
    """Every module has its row, with as many mutants and equivalents as there are now: else `make audit` is due."""
    table, listed = rows(), equivalents.read(COURSE)
    everything = {module.key: of_module(COURSE, module) for module in COURSE.modules()}
    assert list(table) == [*everything, "all"]
    for key, made in everything.items():
        assert len(made) >= AT_LEAST
        equal = [mutant for mutant in made if any(entry.is_about(mutant) for entry in listed)]
        assert table[key][:2] == [f"{len(made):,}", f"{len(equal):,}"], key
    assert not equivalents.without_mutant(listed, [mutant for made in everything.values() for mutant in made])


def test_hidden_suites_kill_everything_and_public_ones_most() -> None:
    """What the table says."""
    for key, (_, _, hidden, public) in rows().items():
        assert hidden == "100 %", key
        assert float(public.removesuffix(" %")) >= 85, key


@pytest.mark.slow
@pytest.mark.skipif(bool(missing_features()), reason=f"no jail here: {'; '.join(missing_features())}")
def test_a_sample_of_mutants(tmp_path: Path) -> None:
    """Some mutants of each module, chosen by the seed, fare as all of them did: none survives the hidden suites."""
    command = [sys.executable, "-m", "grader", "audit", "--sample", str(SAMPLE), "--seed", str(SEED)]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "audit.json").read_text("utf-8"))
    assert {key: module["mutants"] for key, module in found["modules"].items()} == {
        module.key: SAMPLE for module in COURSE.modules()
    }
