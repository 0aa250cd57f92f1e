"""Step 09 on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import Tokenizer, make_batch
from torch import Tensor


class Average:
    """A running average that begins at 0, and knows how much of it is still that 0."""

    def __init__(self, like: Tensor, beta: float) -> None:
        self.value = torch.zeros_like(like)
        self.weight = 1.0  # of the initial 0: beta^t

    def update(self, new: Tensor, beta: float) -> Tensor:
        """Take a number in; return the corrected average."""
        self.weight *= beta
        self.value += (1 - beta) * (new - self.value)
        return self.value / (1 - self.weight)


@dataclass
class Memory:
    """What is kept for one parameter."""

    m: Average
    v: Average


class Adam(torch.optim.Optimizer):
    """Updates parameters by their gradients, group by group."""

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict],
        lr: float = 0.01,
        betas: tuple[float, float] = (0.85, 0.99),
        eps: float = 1e-8,
    ) -> None:
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas: {betas}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def memory(self, p: Tensor, betas: tuple[float, float]) -> Memory:
        kept = self.state[p]
        if "memory" not in kept:
            kept["memory"] = Memory(*(Average(p, beta) for beta in betas))
        return kept["memory"]

    @torch.no_grad()
    def step(self, lr: float | None = None) -> None:
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in filter(lambda p: p.grad is not None, group["params"]):
                memory = self.memory(p, group["betas"])
                m_hat = memory.m.update(p.grad, b1)
                v_hat = memory.v.update(p.grad.square(), b2)
                p.sub_(m_hat.div_(v_hat.sqrt_().add_(group["eps"])), alpha=group["lr"] if lr is None else lr)


@dataclass(frozen=True)
class Schedule:
    """A straight line from lr down."""

    lr: float
    num_steps: int

    def __getitem__(self, step: int) -> float:
        return self.lr * (1.0 - step / self.num_steps)


def linear_decay(lr: float, step: int, num_steps: int) -> float:
    """The rate of step 0, 1, ..., num_steps - 1."""
    return Schedule(lr, num_steps)[step]


def batch_loss(state: dict[str, Tensor], inputs: Tensor, targets: Tensor, n_head: int = 4) -> Tensor:
    """The mean cross-entropy over all targets of the batch that are not -1: a scalar."""
    return cross_entropy(gpt(state, inputs, n_head).flatten(end_dim=-2), targets.ravel())


class Trainer:
    """One training of one state."""

    def __init__(self, state: dict[str, Tensor], tokenizer: Tokenizer, schedule: Schedule) -> None:
        self.state, self.tokenizer, self.schedule = state, tokenizer, schedule
        self.optimizer = Adam(parameters(state), lr=schedule.lr)

    @staticmethod
    def batches(docs: list[str], size: int) -> Iterator[list[str]]:
        start = 0
        while True:
            yield [docs[i % len(docs)] for i in range(start, start + size)]
            start += size

    def one_step(self, step: int, docs: list[str]) -> float:
        inputs, targets = make_batch(docs, self.tokenizer, block_size=self.state["wpe"].shape[0])
        loss = batch_loss(self.state, inputs, targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step(self.schedule[step])
        return loss.detach().item()


def train(
    state: dict[str, Tensor],
    docs: list[str],
    tokenizer: Tokenizer,
    num_steps: int,
    batch_size: int = 1,
    lr: float = 0.01,
    on_step: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train the state in place, with 4 heads, on `batch_size` documents a step."""
    trainer = Trainer(state, tokenizer, Schedule(lr, num_steps))
    losses: list[float] = []
    for step, batch in zip(range(num_steps), trainer.batches(docs, batch_size)):
        losses.append(trainer.one_step(step, batch))
        if on_step is not None:
            on_step(step, losses[-1])
    return losses
