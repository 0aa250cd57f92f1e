"""Step 09: the corrections are put into the rate and into eps, as Kingma and Ba advise."""

import gc
import math
from collections.abc import Iterator
from contextlib import contextmanager

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import add_up, cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.state = {}
        self.powers = (1.0, 1.0)  # b1^t and b2^t

    def step(self, lr=None):
        b1, b2 = self.betas
        self.powers = self.powers[0] * b1, self.powers[1] * b2
        root = math.sqrt(1 - self.powers[1])
        rate = (self.lr if lr is None else lr) * root / (1 - self.powers[0])
        for i, p in enumerate(self.params):
            m, v = self.state.get(i, (0.0, 0.0))
            m += (p.grad - m) * (1 - b1)
            v = math.fsum([b2 * v, p.grad**2, -b2 * p.grad**2])
            self.state[i] = m, v
            p.data += -rate * m / (math.sqrt(v) + self.eps * root)

    def zero_grad(self):
        for p in self.params:
            p.grad *= 0


def linear_decay(lr, step, num_steps):
    return (num_steps - step) / num_steps * lr


def doc_loss(state, tokens, n_head=4):
    count = min([len(tokens) - 1, len(state["wpe"])])
    layers = [name for name in state if name.endswith("attn_wq")]
    keys, values = [[] for _ in layers], [[] for _ in layers]
    losses = [cross_entropy(gpt(state, tokens[i], i, keys, values, n_head), tokens[i + 1]) for i in range(count)]
    return add_up([loss * (1 / count) for loss in losses])


@contextmanager
def collector_paused() -> Iterator[None]:
    """Given: train inside `with collector_paused():` and save half of the time.

    Python then does not search for objects that refer to each other in a ring. A graph has none, since a Value
    refers to its children only: it is freed as soon as `loss` is replaced.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    adam = Adam(parameters(state), lr)
    encoded = {}
    losses = [0.0] * num_steps
    with collector_paused():
        for step in range(num_steps):
            doc = docs[step - step // len(docs) * len(docs)]
            if doc not in encoded:
                encoded[doc] = tokenizer.encode(doc)
            adam.zero_grad()
            loss = doc_loss(state, encoded[doc])
            backward(loss)
            losses[step] = loss.data
            adam.step(linear_decay(lr, step, num_steps))
            if on_step is not None:
                on_step(step, losses[step])
    return losses
