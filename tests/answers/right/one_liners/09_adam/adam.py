import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import add

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params, self.lr, self.betas, self.eps, self.t, self.mv = params, lr, betas, eps, 0, [(0, 0) for _ in params]

    def step(self, lr=None):
        (a, b), self.t, rate = self.betas, self.t + 1, (self.lr, lr)[lr is not None]
        self.mv = [(m + (1 - a) * (p.grad - m), v + (1 - b) * (p.grad**2 - v)) for p, (m, v) in zip(self.params, self.mv)]
        for p, (m, v) in zip(self.params, self.mv): p.data -= rate * (m / (1 - a**self.t)) / ((v / (1 - b**self.t)) ** .5 + self.eps)

    def zero_grad(self): [setattr(p, "grad", 0.0) for p in self.params]


linear_decay = lambda lr, step, num_steps: lr - lr * step / num_steps


def doc_loss(state, tokens, n_head=4):
    n, k, v = min(len(state["wpe"]), len(tokens) - 1), *([[] for name in state if "attn_wq" in name] for _ in "kv")
    return reduce(add, [cross_entropy(gpt(state, a, i, k, v, n_head), b) for i, a, b in zip(range(n), tokens, tokens[1:])]) * (1 / n)


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
    adam, losses = Adam(parameters(state), lr), []
    with collector_paused():
        for step in range(num_steps):
            loss = doc_loss(state, tokenizer.encode(docs[step % len(docs)])); adam.zero_grad(); backward(loss)
            adam.step(linear_decay(lr, step, num_steps)); losses += [loss.data]; (on_step or max)(step, loss.data)
    return losses
