"""Step 09: training, one name a step.

The gradient of the loss says for each parameter in which direction the loss grows; Adam (Kingma and Ba, 2015) walks the
other way. It keeps two running averages per parameter, of the gradient g and of its square, and divides one by the root
of the other. In step t = 1, 2, ...

    m = b1 m + (1 - b1) g              m_hat = m / (1 - b1^t)
    v = b2 v + (1 - b2) g*g            v_hat = v / (1 - b2^t)              p = p - lr * m_hat / (sqrt(v_hat) + eps)

so that each parameter moves by about lr, however large or small its gradients are. m and v start at 0 and are too small
at first; the divisions by 1 - b^t make up for it exactly.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy
from tokenizer import Tokenizer
from value import Value


class Adam:
    """Updates `params` by their gradients."""

    def __init__(
        self, params: list[Value], lr: float = 0.01, betas: tuple[float, float] = (0.85, 0.99), eps: float = 1e-8
    ) -> None:
        """Keep the parameters and the settings; m and v start at 0 for each parameter, t at 0."""
        self.params = params
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.m = [0.0] * len(params)
        self.v = [0.0] * len(params)
        self.t = 0

    def step(self, lr: float | None = None) -> None:
        """One update of every parameter. A rate given here (0.0 too) counts for this step only."""
        if lr is None:
            lr = self.lr
        b1, b2 = self.betas
        self.t += 1
        for i, p in enumerate(self.params):
            self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
            self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad * p.grad
            m_hat = self.m[i] / (1 - b1**self.t)
            v_hat = self.v[i] / (1 - b2**self.t)
            p.data -= lr * m_hat / (v_hat**0.5 + self.eps)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0: `backward` only ever adds to it."""
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr: float, step: int, num_steps: int) -> float:
    """The rate of step 0, 1, ..., num_steps - 1: lr * (1 - step / num_steps), a straight line down to almost 0."""
    return lr * (1 - step / num_steps)


def doc_loss(state: dict[str, list[list[Value]]], tokens: list[int], n_head: int = 4) -> Value:
    """The mean cross-entropy of predicting each token from those before it.

    tokens: an encoded document, both BOS included. The first min(block_size, len(tokens) - 1) positions count.
    """
    block_size = len(state["wpe"])
    n_layer = sum(name.endswith("attn_wq") for name in state)
    n = min(block_size, len(tokens) - 1)
    keys = [[] for _ in range(n_layer)]
    values = [[] for _ in range(n_layer)]
    losses = []
    for pos_id in range(n):
        logits = gpt(state, tokens[pos_id], pos_id, keys, values, n_head)
        losses.append(cross_entropy(logits, tokens[pos_id + 1]))
    return sum(losses[1:], losses[0]) / n


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


def train(
    state: dict[str, list[list[Value]]],
    docs: list[str],
    tokenizer: Tokenizer,
    num_steps: int,
    lr: float = 0.01,
    on_step: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train the state in place, with 4 heads, on one document a step: docs[step % len(docs)], step = 0, 1, ...

    Each step uses the rate `linear_decay(lr, step, num_steps)`, and calls `on_step(step, loss)` after its update.
    Returns the losses of all steps, each from before its update.
    """
    optimizer = Adam(parameters(state), lr)
    losses = []
    with collector_paused():
        for step in range(num_steps):
            tokens = tokenizer.encode(docs[step % len(docs)])
            optimizer.zero_grad()
            loss = doc_loss(state, tokens)
            backward(loss)
            optimizer.step(linear_decay(lr, step, num_steps))
            losses.append(loss.data)
            if on_step is not None:
                on_step(step, loss.data)
    return losses
