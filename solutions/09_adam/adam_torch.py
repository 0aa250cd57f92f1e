"""Step 09 on tensors: training, a batch of names a step.

Adam (Kingma and Ba, 2015) keeps two running averages per parameter, of the gradient g and of its square, and divides
one by the root of the other. In a parameter's step t = 1, 2, ...

    m = b1 m + (1 - b1) g              m_hat = m / (1 - b1^t)
    v = b2 v + (1 - b2) g*g            v_hat = v / (1 - b2^t)              p = p - lr * m_hat / (sqrt(v_hat) + eps)

As a `torch.optim.Optimizer` it gets its bookkeeping from the base class: `self.param_groups` is a list of dicts, each
with its "params" and the settings that hold for them, `self.state[p]` a dict for whatever has to be kept for p.
"""

from collections.abc import Callable, Iterable

import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import Tokenizer, make_batch
from torch import Tensor


class Adam(torch.optim.Optimizer):
    """Updates parameters by their gradients, group by group; equal to `torch.optim.Adam` with the same settings."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict],
        lr: float = 0.01,
        betas: tuple[float, float] = (0.85, 0.99),
        eps: float = 1e-8,
    ) -> None:
        """`params`: tensors, or groups such as {"params": [...], "lr": 0.001}, whose own settings come first."""
        ### BEGIN SOLUTION
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})
        ### END SOLUTION

    @torch.no_grad()
    def step(self, lr: float | None = None) -> None:
        """One update of every parameter that has a gradient; the others are left alone, their own t too.

        A rate given here (0.0 too) counts for this step only, in all groups.
        """
        ### BEGIN SOLUTION
        for group in self.param_groups:
            b1, b2 = group["betas"]
            rate = group["lr"] if lr is None else lr
            for p in group["params"]:
                if p.grad is None:
                    continue
                kept = self.state[p]
                if not kept:
                    kept.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                kept["t"] += 1
                t, m, v, g = kept["t"], kept["m"], kept["v"], p.grad
                m.lerp_(g, 1 - b1)  # m = b1 m + (1 - b1) g, in place
                v.mul_(b2).addcmul_(g, g, value=1 - b2)  # v = b2 v + (1 - b2) g*g
                v_hat = v / (1 - b2**t)
                p.addcdiv_(m, v_hat.sqrt_().add_(group["eps"]), value=-rate / (1 - b1**t))  # p = p - rate * m_hat / ...
        ### END SOLUTION


def linear_decay(lr: float, step: int, num_steps: int) -> float:
    """The rate of step 0, 1, ..., num_steps - 1: lr * (1 - step / num_steps), a straight line down to almost 0."""
    ### BEGIN SOLUTION
    return lr * (1 - step / num_steps)
    ### END SOLUTION


def batch_loss(state: dict[str, Tensor], inputs: Tensor, targets: Tensor, n_head: int = 4) -> Tensor:
    """The mean cross-entropy over all targets of the batch that are not -1: a scalar.

    inputs, targets: (B, T) long
    """
    ### BEGIN SOLUTION
    logits = gpt(state, inputs, n_head)  # (B, T, V)
    return cross_entropy(logits.flatten(0, 1), targets.flatten())  # (B*T, V) and (B*T,)
    ### END SOLUTION


def train(
    state: dict[str, Tensor],
    docs: list[str],
    tokenizer: Tokenizer,
    num_steps: int,
    batch_size: int = 1,
    lr: float = 0.01,
    on_step: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train the state in place, with 4 heads, on `batch_size` documents a step.

    Step 0, 1, ... takes the documents docs[(step * batch_size + i) % len(docs)], i = 0 ... batch_size - 1, and the rate
    `linear_decay(lr, step, num_steps)`, and calls `on_step(step, loss)` after its update. Returns the losses of all
    steps, each from before its update.
    """
    ### BEGIN SOLUTION
    optimizer = Adam(parameters(state), lr)
    block_size = len(state["wpe"])
    losses = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch, tokenizer, block_size))
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step is not None:
            on_step(step, losses[-1])
    return losses
    ### END SOLUTION
