"""SECURITY.md claims nothing that no test holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def claims() -> list[list[str]]:
    """The rows of the tables: claim, means, tests."""
    lines = (ROOT / "SECURITY.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[2] != "test" and row[2].strip("-")]


def test_every_claim_names_a_test_that_exists() -> None:
    """Each row names at least one test; each named file is there and has the named function."""
    assert len(claims()) >= 20
    for claim, _, tests in claims():
        named = re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", tests)
        assert named, claim
        for file, function in named:
            body = ast.parse((ROOT / file).read_text("utf-8")).body
            names = {node.name for node in body if isinstance(node, ast.FunctionDef)}
            assert function in names or (not function and any(n.startswith("test_") for n in names)), (file, function)
