"""One step of one track: finding it, its hints, taking it back, comparing it with the reference.

Used by microgpt.py. May import the standard library.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from runner.modules import Problem, command, short, stubs, typed
from runner.suites import passes

STUBS = Path("data", "stubs.json")  # {step: {file: text}} as handed out; `grader release --stubs` writes it
LEVELS = {"concept": "the idea", "approach": "step by step", "code": "nearly code"}


@dataclass(frozen=True)
class Step:
    """The file in which the learner writes a step."""

    file: Path

    @property
    def name(self) -> str:
        return self.file.parent.name

    @property
    def tests(self) -> Path:
        return self.file.with_name(f"test_{self.file.name}")


def find(folder: Path, word: str, torch: bool) -> Step:
    """The step that the learner calls `3`, `03`, `softmax`, `03_softmax`, or by the path of one of its files.

    Problem: there is none.
    """
    steps = sorted(folder.glob("[0-9][0-9]_*"))
    stem = Path(word).stem.lower().removeprefix("test_")
    called = stem.removesuffix("_torch")
    found = [step for step in steps if called in (step.name, step.name[:2], step.name[3:], step.name[:2].lstrip("0"))]
    if not found:
        raise Problem(f"there is no step {word}", f"one of {', '.join(step.name[:2] for step in steps)}")
    suffix = "_torch" if torch or stem != called else ""
    return Step(found[0] / f"{found[0].name[3:]}{suffix}.py")


# Hints


def hints(step: Step) -> dict[str, dict[str, str]]:
    """Function -> level -> text. Problem: the step has none."""
    file = step.file.with_name("hints.toml")
    if not file.is_file():
        raise Problem(f"{step.name} has no hints: {short(file)} is missing", "get it from where the course came from")
    return tomllib.loads(file.read_text(encoding="utf-8"))[step.file.name]


def hint(step: Step, words: list[str]) -> str:
    """One level of one function's hint, and how to get the next.

    words: a function, a level from 1 to 3, both or none. Without a function it is the first that is not written yet.
    Problem: the words are of no function or level.
    """
    known = hints(step)
    level, function = 1, None
    for word in words:
        if word.isdigit():
            if not 1 <= int(word) <= len(LEVELS):
                raise Problem(f"there is no level {word}, only 1, 2 and 3", _again(step))
            level = int(word)
        else:
            function = _called(word, list(known), step)
    if function is None:
        function = next((stub["function"] for stub in stubs(step.file)), None)
    if function is None:
        listed = "\n".join(f"    {_again(step, name)}" for name in known)
        return f"Every function of {short(step.file)} is written. Which one is it about?\n{listed}"
    key, title = list(LEVELS.items())[level - 1]
    lines = [f"{function}() in {step.file.name}, hint {level} of {len(LEVELS)}: {title}", ""]
    lines += [f"    {line}".rstrip() for line in known[function][key].strip("\n").splitlines()]
    following = _again(step, function, str(level + 1)) if level < len(LEVELS) else command(step.file)
    return "\n".join([*lines, "", f"next: {following}"])


def _again(step: Step, *words: str) -> str:
    """What to type for another hint of the step."""
    return typed(" ".join(["hint", step.name[:2], *words, *["--torch"] * step.file.stem.endswith("_torch")]))


def _called(word: str, names: list[str], step: Step) -> str:
    """The function that the learner calls so: `Value.__add__`, `__add__`, `add` or `add()`."""
    bare = word.removesuffix("()").casefold()
    exact = [name for name in names if bare == name.casefold()]
    found = exact or [name for name in names if bare in (last := name.split(".")[-1].casefold(), last.strip("_"))]
    if len(found) != 1:
        said = f"{word} is the name of several" if found else f"there is no hint for {word}"
        raise Problem(said, "\n      ".join(_again(step, name) for name in found or names))
    return found[0]


# Beginning again


def reset(step: Step) -> tuple[bool, Path | None]:
    """Put the stub back. Whether it was not there, and the new name of what stood in its place, if anything did.

    Problem: the file that holds the stubs is missing.
    """
    handed_out = step.file.parents[1] / STUBS
    if not handed_out.is_file():
        raise Problem(
            f"{short(handed_out)} is missing, which holds the stubs", "get it from where the course came from"
        )
    text = json.loads(handed_out.read_text(encoding="utf-8"))[step.name][step.file.name]
    kept = None
    if step.file.is_file():
        if step.file.read_text(encoding="utf-8", errors="replace") == text:
            return False, None
        names = (step.file.with_suffix(f".py.bak{number}") for number in range(1, 1000))
        kept = next(name for name in names if not name.exists())
        step.file.replace(kept)
    step.file.write_text(text, encoding="utf-8", newline="\n")
    return True, kept


# Beside the reference


def difference(step: Step, solutions: Path) -> str:
    """What the learner's file has in place of the reference's lines, as a patch.

    Problem: there is no reference, or the learner's tests do not pass yet.
    """
    reference = solutions / step.name / step.file.name
    if not reference.is_file():
        raise Problem(f"there is no solution to compare with: {short(reference)} is missing")
    if not passes(step.tests):
        raise Problem(f"{step.name} does not pass its tests yet; the solution is for afterwards", command(step.file))
    mine, theirs = (file.read_text(encoding="utf-8").splitlines() for file in (step.file, reference))
    theirs = [line for line in theirs if not line.strip().startswith("### ")]  # the marks around each answer
    return "\n".join(difflib.unified_diff(mine, theirs, short(step.file), short(reference), n=2, lineterm=""))
