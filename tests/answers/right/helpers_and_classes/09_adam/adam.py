"""Step 09 with an object for each parameter's memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy
from value import Value


@dataclass
class Average:
    beta: float
    sum: float = 0.0
    weight: float = 0.0  # 1 - beta^t

    def update(self, number: float) -> float:
        self.sum = self.beta * self.sum + (1 - self.beta) * number
        self.weight = self.beta * self.weight + (1 - self.beta)
        return self.sum / self.weight


@dataclass
class Memory:
    parameter: Value
    m: Average
    v: Average

    def step(self, rate: float, eps: float) -> None:
        gradient = self.parameter.grad
        self.parameter.data -= rate * self.m.update(gradient) / (self.v.update(gradient * gradient) ** 0.5 + eps)


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.lr = lr
        self.eps = eps
        self.memories = [Memory(p, *map(Average, betas)) for p in params]

    def step(self, lr=None):
        for memory in self.memories:
            memory.step(self.lr if lr is None else lr, self.eps)

    def zero_grad(self):
        for memory in self.memories:
            memory.parameter.grad = 0.0


@dataclass(frozen=True)
class Schedule:
    lr: float
    num_steps: int

    def __getitem__(self, step: int) -> float:
        return self.lr * (self.num_steps - step) / self.num_steps


def linear_decay(lr, step, num_steps):
    return Schedule(lr, num_steps)[step]


class Caches:
    def __init__(self, state) -> None:
        self.layers = len({name.split(".")[0] for name in state if "." in name})
        self.keys, self.values = ([[] for _ in range(self.layers)] for _ in range(2))


def _losses(state, tokens, n_head) -> Iterator[Value]:
    caches = Caches(state)
    for position, (token, target) in enumerate(zip(tokens, tokens[1:])):
        if position == len(state["wpe"]):
            return
        yield cross_entropy(gpt(state, token, position, caches.keys, caches.values, n_head), target)


def doc_loss(state, tokens, n_head=4):
    losses = list(_losses(state, tokens, n_head))
    return sum(losses) / len(losses)


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


class Training:
    def __init__(self, state, docs, tokenizer, schedule: Schedule) -> None:
        self.state, self.docs, self.tokenizer, self.schedule = state, docs, tokenizer, schedule
        self.adam = Adam(parameters(state), schedule.lr)

    def step(self, step: int) -> float:
        loss = doc_loss(self.state, self.tokenizer.encode(self.docs[step % len(self.docs)]))
        backward(loss)
        self.adam.step(self.schedule[step])
        self.adam.zero_grad()
        return loss.data


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    training, losses = Training(state, docs, tokenizer, Schedule(lr, num_steps)), []
    training.adam.zero_grad()
    with collector_paused():
        for step in range(num_steps):
            losses.append(training.step(step))
            if on_step is not None:
                on_step(step, losses[-1])
    return losses
