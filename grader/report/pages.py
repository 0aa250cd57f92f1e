"""The template engine, set up once: everything is escaped, and what a learner wrote is spelt out."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.report import sentences
from grader.scoring import points


@functools.cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("grader.report", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.filters["amount"] = sentences.amount
    made.filters["points"] = points
    made.filters["counted"] = sentences.counted
    made.filters["shown"] = sentences.shown
    made.filters["short"] = sentences.short
    return made


@functools.cache
def inline(*names: str) -> Markup:
    """Our own style sheets or scripts, one after the other, to stand within a page."""
    return Markup("".join(Path(__file__).with_name(name).read_text("utf-8") for name in names))


def policy(style: str, script: str = "") -> str:
    """The Content-Security-Policy of a page: this style and this script, known by their hashes, and nothing else."""
    allowed = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", f"style-src {_hash(style)}"]
    return "; ".join([*allowed, f"script-src {_hash(script)}"] if script else allowed)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def heat(earned: float, possible: float) -> int:
    """0 (nothing) to 4 (all): the shade of a cell; the number in it says the same."""
    share = earned / possible if possible else 0
    return 4 if share >= 1 else 0 if share <= 0 else 1 + min(2, int(share * 3))
