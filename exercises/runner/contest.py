"""The challenge after the last step: a faster training, gates first, scored as a ratio within one run.

Used by microgpt.py. May import the standard library; torch for the torch track.

A program is what `assemble` writes, and an entry begins as a copy of it. In the pure track the entry's own pieces
(doc_loss, backward, Adam) train the steps that the baseline's train, one program right after the other, and the losses
must be the same. In the torch track the entry's `race` trains until a held-out loss is reached, in its own way.
An entry runs in this process, with all that you may do: it is for programs that you trust.
"""

from __future__ import annotations

import gc
import hashlib
import math
import platform
import random
import statistics
import sys
import time
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.modules import Problem, typed
from runner.training import LEARNING_RATE, N_EMBD, N_HEAD, N_LAYER

APART = 1e-9  # of losses, relative: other orders of summation differ by 1e-15, and Adam enlarges that from step to step
HELD_OUT, TARGET = 200, 2.37  # names that are not trained on, and the loss on them that has to be reached
RECIPE = {"num_steps": 300, "batch_size": 32}  # of the baseline in the torch track
SEED = 42  # of the names' order and the first weights


@dataclass(frozen=True)
class Program:
    """One assembled program, loaded."""

    name: str
    text: str
    module: types.ModuleType

    def __getattr__(self, name: str) -> Any:
        """What it defines. Problem: it does not."""
        try:
            return getattr(self.module, name)
        except AttributeError:
            raise Problem(
                f"{self.name}, no score: it does not define {name}",
                f"begin with a copy of what `{typed('assemble')}` writes",
            ) from None


def scored(track: str, baseline: Program, name: str, text: str, docs: list[str], options: Any) -> dict[str, Any]:
    """The score of the entry with this text, and what it means in `words`. Problem: it gets none.

    options: `steps` of a round in the pure track, `rounds`, `traceback` for Python's own account of an error.
    """
    try:
        entry = load(name, text)
        if track == "torch":
            found = torch(baseline, entry, docs, options.rounds)
            words = f"a held-out loss of {TARGET} in {found['steps']} steps"
        else:
            found = pure(baseline, entry, docs, options.steps, options.rounds)
            words = f"{1000 * statistics.median(found['seconds']) / options.steps:.1f} ms a step"
    except Exception as error:
        if isinstance(error, Problem) or options.traceback:
            raise
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
        where = f"line {lines[-1]}: " if lines else ""
        raise Problem(f"{name}, no score: {where}{type(error).__name__}: {error}", "--traceback shows more") from error
    low, high = min(found["ratios"]), max(found["ratios"])
    rounds = f"{low:.2f} to {high:.2f} in {options.rounds} rounds" if options.rounds > 1 else "one round"
    return found | {"words": f"{rounds}; {words}"}


def load(name: str, text: str) -> Program:
    """Problem: it cannot be loaded."""
    module = types.ModuleType(f"entry_{hashlib.sha256(name.encode()).hexdigest()[:8]}")
    sys.modules[module.__name__] = module  # dataclasses look there
    try:
        exec(compile(text, name, "exec"), module.__dict__)  # it is the learner's own program, as `python FILE` would
    except SyntaxError as error:
        raise Problem(f"{name}, no score: line {error.lineno}: {error.msg}", f"python {name}") from None
    return Program(name, text, module)


def record(track: str, baseline: Program, scores: list[dict[str, Any]]) -> dict[str, Any]:
    """What is kept: enough to run the same again and to see whether it is the same."""
    system = {"python": platform.python_version(), "system": platform.platform()}
    if track == "torch":
        system["torch"] = sys.modules["torch"].__version__
    return {
        "format": "microgpt challenge 1",
        "track": track,
        "seed": SEED,
        "baseline": {"name": baseline.name, "sha256": sha256(baseline)},
        **system,
        "entries": scores,
    }


def score(entry: Program, seconds: list[tuple[float, float]]) -> dict[str, Any]:
    """The ratio of each round, baseline to entry, and their median. seconds: of CPU time, (baseline, entry)."""
    ratios = [theirs / own for theirs, own in seconds]
    return {
        "name": entry.name,
        "sha256": sha256(entry),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "seconds": [round(own, 4) for _, own in seconds],
    }


def sha256(program: Program) -> str:
    return hashlib.sha256(program.text.encode("utf-8")).hexdigest()


# The pure track


def pure(baseline: Program, entry: Program, docs: list[str], steps: int, rounds: int) -> dict[str, Any]:
    """The score of an entry. Problem: it does not train as the baseline does."""
    want, got = losses(baseline, docs, steps), losses(entry, docs, steps, watched=True)
    for step, (theirs, own) in enumerate(zip(want, got, strict=True)):
        if not abs(own - theirs) <= APART * abs(theirs):  # also where it is no number
            raise Problem(f"{entry.name}, no score: the loss of step {step} is {own!r} and should be {theirs!r}", SAME)
    seconds = []
    for _ in range(rounds):
        seconds.append(tuple(timed(lambda p=p: losses(p, docs, steps)) for p in (baseline, entry)))
    return score(entry, seconds) | {"steps": steps, "apart": max(abs(a - b) for a, b in zip(want, got, strict=True))}


SAME = "the same steps from the same numbers must give the same losses"


def losses(program: Program, docs: list[str], steps: int, watched: bool = False) -> list[float]:
    """What the first steps of its training cost. watched: every graph is looked at, which takes its time."""
    rng = random.Random(SEED)
    docs = list(docs)
    rng.shuffle(docs)
    tokenizer = program.Tokenizer(docs)
    state = program.init_state(tokenizer.vocab_size, N_EMBD, N_LAYER, rng=rng)
    optimizer = program.Adam(program.parameters(state), LEARNING_RATE)
    told = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = program.doc_loss(state, tokenizer.encode(docs[step % len(docs)]), N_HEAD)
        if watched and math.isfinite(loss.data) and (node := foreign(loss)):
            raise Problem(f"{program.name}, no score: in step {step} {node}", "only + * ** log exp relu make a Value")
        program.backward(loss)
        optimizer.step(program.linear_decay(LEARNING_RATE, step, 1000))
        told.append(float(loss.data))
    return told


def timed(work: Callable[[], Any]) -> float:
    """CPU seconds, with one search for rings of objects at the end, as a long training has to make."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        work()
        gc.collect()
        return time.process_time() - began
    finally:
        gc.enable()


def foreign(root: Any) -> str:
    """The first node of a graph that none of the six operations has made, as a sentence; "": there is none."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        node = waiting.pop()
        if node._children and not atomic(node.data, [child.data for child in node._children], list(node._local_grads)):
            numbers = ", ".join(f"{child.data:.6g}" for child in node._children[:3])
            return f"none of the six operations makes {node.data:.6g} with slopes {node._local_grads} of {numbers}"
        for child in node._children:
            if id(child) not in seen:
                seen.add(id(child))
                waiting.append(child)
    return ""


def atomic(y: float, xs: list[float], slopes: list[float]) -> bool:
    """Whether + * ** log exp or relu gives y with these slopes; the other operand may be a plain number."""
    if len(xs) != len(slopes) or len(xs) > 2:
        return False
    if len(xs) == 2:
        (a, b), (da, db) = xs, slopes
        return (_same(y, a + b) and da == db == 1) or (_same(y, a * b) and _same(da, b) and _same(db, a))
    [x], [slope] = xs, slopes
    if slope == 1 or _same(y, slope * x):  # x + number; x * number, and x + x
        return True
    if _same(y, max(x, 0.0)) and slope == (x > 0):
        return True
    if _same(y, slope) and y > 0 and _same(x, math.log(y)):
        return True
    if x > 0 and _same(y, math.log(x)) and _same(slope, 1 / x):
        return True
    if x == 0 or y == 0:
        return False
    n = slope * x / y  # x ** n has the slope n x ** n / x
    return _same(y, x**n) if x > 0 else _same(n, round(n)) and _same(y, x ** round(n))


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))  # other orders of rounding


# The torch track


class Reached(Exception):
    """The held-out loss is low enough: training stops here."""


def torch(baseline: Program, entry: Program, docs: list[str], rounds: int) -> dict[str, Any]:
    """The score of an entry. Problem: it does not reach the held-out loss."""
    seconds, steps = [], 0
    for number in range(rounds + 1):
        (theirs, _), (own, steps) = (race(program, baseline, docs, SEED + number) for program in (baseline, entry))
        if number:  # the first is for what torch does once
            seconds.append((theirs, own))
    return score(entry, seconds) | {"steps": steps, "target": TARGET}


def race(program: Program, baseline: Program, docs: list[str], seed: int) -> tuple[float, int]:
    """CPU seconds and calls of on_step until the loss on names that are held out is TARGET.

    The baseline draws the first weights and measures the loss, while the clock stands still. Problem: it ends without.
    """
    torch = sys.modules["torch"]
    docs = list(docs)
    random.Random(SEED).shuffle(docs)
    held_out, docs = docs[:HELD_OUT], docs[HELD_OUT:]
    tokenizer = baseline.Tokenizer(docs + held_out)
    batch = baseline.make_batch(held_out, tokenizer)
    state = baseline.init_state(tokenizer.vocab_size, generator=torch.Generator().manual_seed(seed))
    spent, calls, best = 0.0, 0, math.inf

    def on_step(step: int, loss: float) -> None:
        nonlocal spent, calls, best, began
        spent, calls = spent + time.process_time() - began, calls + 1
        with torch.no_grad():
            best = min(best, baseline.batch_loss(state, *batch).item())
        if best <= TARGET:
            raise Reached
        began = time.process_time()

    run = getattr(program.module, "race", None) or (lambda *args: program.train(*args[:3], **RECIPE, on_step=args[3]))
    began = time.process_time()
    try:
        run(state, docs, tokenizer, on_step)
    except Reached:
        return spent, calls
    said = f"the held-out loss came down to {best:.3f}, not to {TARGET}" if calls else "it has never called on_step"
    raise Problem(f"{program.name}, no score: {said}", "race(state, docs, tokenizer, on_step) trains `state` in place")
