"""The two tracks are one model: the same numbers in, the same logits, losses, gradients and training out.

On the bundled list of names, shuffled and started from by `random.Random(42)`, as the original program does it with its
full list. `make parity NAMES=...` compares with the original's own figures.

The golden values below were made by our solutions. To make them again after a change that is meant to change them (of
the bundled list, say):

    python tests/course/test_parity.py
"""

from __future__ import annotations

import importlib
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = 20
GOLDEN = {
    "losses": [
        3.5512101090706936,
        3.3423726434826038,
        3.248508146108422,
        3.3523626549901557,
        3.1028269196945155,
        3.0625191077817306,
        3.205414103044264,
        3.2128041840824912,
        3.066615538027343,
        3.0393583695476525,
        3.1798118242679294,
        3.1663297217642996,
        3.0318514643164685,
        3.1908162435624963,
        3.158981571210436,
        2.8630220308168197,
        2.8894691646242276,
        2.3849781682905635,
        2.8476607085795043,
        3.0003135402858714,
    ],
    "gradients": {
        "wte": 1.1149402823352206,
        "wpe": 1.1147889224215153,
        "lm_head": 1.2824582305750256,
        "layer0.attn_wq": 0.005546668696462925,
        "layer0.attn_wk": 0.007243738017955659,
        "layer0.attn_wv": 0.13797265202906214,
        "layer0.attn_wo": 0.16554232487567191,
        "layer0.mlp_fc1": 0.25045253016057795,
        "layer0.mlp_fc2": 0.2716615723477234,
    },
}
MODULES = ("value", "backward", "softmax", "tokenizer", "embedding", "gpt", "adam", "sampling")


def load() -> SimpleNamespace:
    """The modules of both tracks, by their names."""
    return SimpleNamespace(
        **{name + suffix: importlib.import_module(name + suffix) for name in MODULES for suffix in ("", "_torch")}
    )


class Both:
    """The same documents and the same initial numbers in both tracks; float64."""

    def __init__(self, modules: SimpleNamespace) -> None:
        import torch

        self.torch, self.m = torch, modules
        self.docs = modules.tokenizer.load_docs(ROOT / "exercises" / "data" / "names.txt")
        rng = random.Random(42)
        rng.shuffle(self.docs)
        self.pure_tokenizer = modules.tokenizer.Tokenizer(self.docs)
        self.torch_tokenizer = modules.tokenizer_torch.Tokenizer(self.docs)
        self.pure = modules.embedding.init_state(self.pure_tokenizer.vocab_size, rng=rng)
        self.tensors = {
            name: torch.tensor(rows, dtype=torch.float64, requires_grad=True) for name, rows in self.numbers().items()
        }

    def numbers(self, what: str = "data") -> dict[str, list[list[float]]]:
        return {name: [[float(getattr(p, what)) for p in row] for row in rows] for name, rows in self.pure.items()}

    def loss(self) -> tuple:
        """The loss of one document in both tracks: the first name in which a letter comes twice."""
        name = next(name for name in self.docs if len(set(name)) < len(name))
        pure = self.m.adam.doc_loss(self.pure, self.pure_tokenizer.encode(name))
        batch = self.m.tokenizer_torch.make_batch([name], self.torch_tokenizer)
        return pure, self.m.adam_torch.batch_loss(self.tensors, *batch)


@pytest.fixture
def both() -> Iterator[Both]:
    before, path = set(sys.modules), list(sys.path)
    sys.path += [str(step) for step in sorted((ROOT / "solutions").iterdir())]
    try:
        both = Both(load())
        both.torch.set_num_threads(1)
        yield both
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - before:
            if "solutions" in (getattr(sys.modules[name], "__file__", None) or ""):
                del sys.modules[name]


# Sums of some tens of float64 products are exact to about 1e-15 of the largest term; the graph is some thirty
# operations deep. 1e-12 of a number of size 1 is a thousand times that, and a thousandth of any mistake worth the name.
ROUNDING = 1e-12


def apart(one: list, other: list) -> float:
    """The largest difference of two lists of (lists of) numbers of one shape."""
    if isinstance(one, list):
        return max(apart(a, b) for a, b in zip(one, other, strict=True))
    return abs(one - other)


def test_logits_agree(both: Both) -> None:
    """At every position of a name both tracks give the same 27 logits."""
    name = max(both.docs[:200], key=len)
    tokens = both.pure_tokenizer.encode(name)[:-1]
    keys, values = [[]], [[]]
    pure = [
        [logit.data for logit in both.m.gpt.gpt(both.pure, token, position, keys, values)]
        for position, token in enumerate(tokens)
    ]
    torch = both.m.gpt_torch.gpt(both.tensors, both.torch.tensor([tokens]))[0].tolist()
    assert apart(pure, torch) <= ROUNDING


def test_all_gradients_agree(both: Both) -> None:
    """The loss of a name and its 4,192 gradients agree, and those of torch's engine with the learner's own backward."""
    pure, torch = both.loss()
    both.m.backward.backward(pure)
    both.m.backward_torch.backward(torch)
    assert abs(pure.data - torch.item()) <= ROUNDING
    gradients = both.numbers("grad")
    assert sum(len(row) for rows in gradients.values() for row in rows) == 4192
    for name, rows in gradients.items():
        assert apart(rows, both.tensors[name].grad.tolist()) <= ROUNDING, name
    assert min(max(abs(g) for row in rows for g in row) for rows in gradients.values()) > 1e-4, (
        "a matrix learns nothing"
    )


def test_training_agrees_and_is_golden(both: Both) -> None:
    """Twenty steps give the same losses and parameters in both tracks, and the losses that are written down here."""
    losses = both.m.adam.train(both.pure, both.docs, both.pure_tokenizer, STEPS)
    others = both.m.adam_torch.train(both.tensors, both.docs, both.torch_tokenizer, STEPS)
    # Adam divides by the root of v: where all gradients so far are tiny, it enlarges their rounding. Measured: 1e-13.
    assert apart(losses, others) <= 1e-10
    for name, rows in both.numbers().items():
        assert apart(rows, both.tensors[name].tolist()) <= 1e-10, name
    assert apart(losses, GOLDEN["losses"]) <= 1e-10


def test_the_gradients_are_golden(both: Both) -> None:
    """The root of the sum of squares of each matrix's gradients is the one that is written down here."""
    assert norms(both) == pytest.approx(GOLDEN["gradients"], rel=1e-10)


def norms(both: Both) -> dict[str, float]:
    both.m.backward.backward(both.loss()[0])
    return {
        name: math.sqrt(math.fsum(g * g for row in rows for g in row)) for name, rows in both.numbers("grad").items()
    }


def test_sampling_uses_the_whole_context(both: Both) -> None:
    """While a name is generated, each step's logits are those of a full pass over everything so far."""
    seen: list[list[float]] = []
    sample = both.m.sampling.sample
    both.m.sampling.sample = lambda logits, temperature, rng: seen.append(list(logits)) or sample(logits, 2.0, rng)
    name = both.m.sampling.generate(both.pure, both.pure_tokenizer, rng=random.Random(3))
    tokens = both.torch.tensor([both.pure_tokenizer.encode(name)[: len(seen)]])
    assert len(seen) >= 4, "a longer name is needed to tell"
    assert apart(seen, both.m.gpt_torch.gpt(both.tensors, tokens)[0].tolist()) <= ROUNDING


def print_golden() -> None:
    """Prints GOLDEN anew."""
    sys.path += [str(step) for step in sorted((ROOT / "solutions").iterdir())]
    modules = load()
    found = norms(Both(modules))
    both = Both(modules)
    losses = both.m.adam.train(both.pure, both.docs, both.pure_tokenizer, STEPS)
    print("GOLDEN =", {"losses": losses, "gradients": found})


if __name__ == "__main__":
    print_golden()
