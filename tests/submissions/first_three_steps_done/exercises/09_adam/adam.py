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
        raise NotImplementedError("09_adam: write Adam.__init__() in adam.py")

    def step(self, lr: float | None = None) -> None:
        """One update of every parameter. A rate given here (0.0 too) counts for this step only."""
        raise NotImplementedError("09_adam: write Adam.step() in adam.py")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0: `backward` only ever adds to it."""
        raise NotImplementedError("09_adam: write Adam.zero_grad() in adam.py")


def linear_decay(lr: float, step: int, num_steps: int) -> float:
    """The rate of step 0, 1, ..., num_steps - 1: lr * (1 - step / num_steps), a straight line down to almost 0."""
    raise NotImplementedError("09_adam: write linear_decay() in adam.py")


def doc_loss(state: dict[str, list[list[Value]]], tokens: list[int], n_head: int = 4) -> Value:
    """The mean cross-entropy of predicting each token from those before it.

    tokens: an encoded document, both BOS included. The first min(block_size, len(tokens) - 1) positions count.
    """
    raise NotImplementedError("09_adam: write doc_loss() in adam.py")


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
    raise NotImplementedError("09_adam: write train() in adam.py")
