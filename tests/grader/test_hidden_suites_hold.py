"""No answer, however odd, breaks a hidden check or passes it: the suites of the course against forged plain data."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import course as courses
from grader.course import Module
from grader.marking.chains import ReferenceSource
from grader.marking.check import Raised
from grader.marking.examiner import Examiner
from grader.marking.workers import missing_features
from grader.model import FAILED, PASSED
from grader.wire import Data, decode, encode

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.load(ROOT)
SEED = 11
ROUNDS = 4  # forgeries of each sort for each check; each is another one
ODD: tuple[Data, ...] = (
    None, True, 0, -1, 1 << 62, -(1 << 62), 0.0, -0.0, math.nan, math.inf, 1e308, "", "a\0b", b"", b"\xff", [], [[]],
    {}, {"": []}, [None], [math.nan] * 3, {"values": None}, "x" * 5000, [[[[[[]]]]]], [1, [2, [3]]], [True, 1.0, "1"],
)  # fmt: skip
# Checks that look at a part of the answer by design: a forgery of another part is not theirs to see.
LINEAR = ("test_the_graph_of_softmax_grows_linearly", "test_the_graph_of_the_loss_grows_linearly")  # its size
SHAPE = "test_only_operations_of_step_01"  # of a graph: any number may stand in a leaf
PARTLY = {
    "03_softmax/pure": {SHAPE, *LINEAR},
    "04_layers/pure": {SHAPE},
    "06_embedding/pure": {"test_without_a_generator"},  # any numbers of the right spread
    "07_attention/pure": {SHAPE},
    "08_gpt/pure": {SHAPE},
    "06_embedding/torch": {"test_what_follows_changes_nothing"},  # compares the first matrices of two states
    "07_attention/torch": {"test_the_first_position_sees_itself_only"},
    "10_sampling/pure": {"test_without_a_generator"},  # any names of the model
    # any texts, if they are equal where they must be
    "10_sampling/torch": {"test_how_often_when_cold", "test_texts_are_drawn", "test_nothing_else_is_changed"},
}


def any_data(rng: random.Random, real: Data) -> Data:
    """Something else altogether."""
    return rng.choice(ODD)


def one_leaf(rng: random.Random, real: Data) -> Data:
    """The right answer but for one part of it, which is another thing."""
    whole = [decode(encode(real))]
    parent, key = rng.choice([*places(whole)])
    parent[key] = rng.choice([odd for odd in ODD if type(odd) is not type(parent[key]) or odd != parent[key]])
    return whole[0]


def one_number(rng: random.Random, real: Data) -> Data:
    """The right answer but for one number, which is wrong by as much as a wrong program is."""
    whole = [decode(encode(real))]
    floats = [(parent, key) for parent, key in places(whole) if type(parent[key]) is float]
    if not floats:
        return one_leaf(rng, real)
    parent, key = rng.choice(floats)
    parent[key] = rng.choice([parent[key] * 1.5 + 0.5, -parent[key] - 1.0, math.nan, math.inf])
    return whole[0]


def shorter_or_longer(rng: random.Random, real: Data) -> Data:
    """The right answer with one list cut or doubled."""
    whole = [decode(encode(real))]
    lists = [(parent, key) for parent, key in places(whole) if type(parent[key]) is list and parent[key]]
    if not lists:
        return one_leaf(rng, real)
    parent, key = rng.choice(lists)
    parent[key] = rng.choice([parent[key][:-1], parent[key] * 2, [parent[key]]])
    return whole[0]


def places(data: Data) -> Iterator[tuple[Data, Data]]:
    """(list or dict, index or key) of every part, from the outside in."""
    waiting = [data]
    while waiting:
        parent = waiting.pop()
        for key in range(len(parent)) if type(parent) is list else list(parent):
            yield parent, key
            if type(parent[key]) in (list, dict):
                waiting.append(parent[key])


class Forger:
    """Answers every question with a forgery of the right answer."""

    def __init__(self, reference: ReferenceSource, forge: Callable[[random.Random, Data], Data], seed: str) -> None:
        self.reference, self.forge, self.rng = reference, forge, random.Random(seed)

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        real = self.reference.ask(probe, cases)
        if isinstance(real, Raised):
            return [self.forge(self.rng, None) for _ in cases]
        return [self.forge(self.rng, value) for value in real]


class Refuser:
    """Ends every question in an exception that is of every kind and says all that it was asked."""

    KINDS = ("Refused", "ValueError", "TypeError", "IndexError", "LookupError", "Exception", "BaseException", "object")

    def ask(self, probe: str, cases: list[list[Data]]) -> list[Data] | Raised:
        return Raised(self.KINDS, str(cases), "raised Refused")


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    if missing_features():
        pytest.skip(f"the jail cannot be enforced here: {'; '.join(missing_features())}")
    with Examiner(COURSE, COURSE.modules(), SEED, "jail") as ready:
        yield ready


@pytest.mark.parametrize("forge", [any_data, one_leaf, one_number, shorter_or_longer], ids=lambda f: f.__name__)
@pytest.mark.parametrize("module", COURSE.modules(), ids=lambda m: m.key)
def test_forged_answers_fail(module: Module, forge: Callable[..., Data], examiner: Examiner) -> None:
    """Each check calls each forgery the learner's mistake: it neither passes nor breaks."""
    wrong = []
    for name in module.checks:
        for i in range(ROUNDS):
            forger = Forger(
                examiner._reference(module.track), forge, f"{SEED}/{module.key}/{name}/{forge.__name__}/{i}"
            )
            verdict = examiner.suites.run(module, name, examiner._fresh_check(module, name, forger))
            partly = forge is not any_data and name in PARTLY.get(module.key, ())
            if verdict.status != FAILED and not (partly and verdict.status == PASSED):
                wrong.append(f"{name} round {i}: {verdict.status} {verdict.reason}")
    examiner.suites.finish()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", COURSE.modules(), ids=lambda m: m.key)
def test_refusing_everything_fails(module: Module, examiner: Examiner) -> None:
    """No check passes for code that raises whatever it is asked, even where raising is what is asked for."""
    verdicts = {
        name: examiner.suites.run(module, name, examiner._fresh_check(module, name, Refuser()))
        for name in module.checks
    }
    examiner.suites.finish()
    assert {name: verdict.status for name, verdict in verdicts.items()} == dict.fromkeys(module.checks, FAILED)


def test_the_right_answers_pass(examiner: Examiner) -> None:
    """The positive control: the same way of asking, with nothing forged, passes."""
    module = COURSE.modules(tracks=["pure"])[2]
    for name in module.checks:
        check = examiner._fresh_check(module, name, examiner._reference(module.track))
        assert examiner.suites.run(module, name, check).status == PASSED
    examiner.suites.finish()
