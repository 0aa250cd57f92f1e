# my solution of step 9

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = params
        self.lr = lr
        self.beta1 = betas[0]
        self.beta2 = betas[1]
        self.eps = eps
        self.number_of_steps = 0
        self.averages = []
        self.square_averages = []
        for i in range(len(params)):
            self.averages.append(0)
            self.square_averages.append(0)

    def step(self, lr=None):
        if lr is None:
            rate = self.lr
        else:
            rate = lr
        self.number_of_steps += 1
        correction1 = 1 - self.beta1**self.number_of_steps
        correction2 = 1 - self.beta2**self.number_of_steps
        for i in range(len(self.params)):
            parameter = self.params[i]
            gradient = parameter.grad
            m = self.beta1 * self.averages[i] + (1 - self.beta1) * gradient
            v = self.beta2 * self.square_averages[i] + (1 - self.beta2) * gradient**2
            self.averages[i] = m
            self.square_averages[i] = v
            m = m / correction1
            v = v / correction2
            parameter.data = parameter.data - rate * m / (v ** (1 / 2) + self.eps)

    def zero_grad(self):
        for parameter in self.params:
            parameter.grad = 0


def linear_decay(lr, step, num_steps):
    how_far = step / num_steps
    what_is_left = 1 - how_far
    return lr * what_is_left


def doc_loss(state, tokens, n_head=4):
    layers = 0
    for name in state:
        if name.endswith(".attn_wq"):
            layers += 1
    keys = []
    values = []
    for i in range(layers):
        keys.append([])
        values.append([])
    length = len(tokens) - 1
    if length > len(state["wpe"]):
        length = len(state["wpe"])
    total = 0
    for position in range(length):
        logits = gpt(state, tokens[position], position, keys, values, n_head)
        loss = cross_entropy(logits, tokens[position + 1])
        total = total + loss
    return total / length


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
    optimizer = Adam(parameters(state), lr=lr)
    losses = []
    step = 0
    with collector_paused():
        while step < num_steps:
            document = docs[step % len(docs)]
            tokens = tokenizer.encode(document)
            loss = doc_loss(state, tokens, 4)
            optimizer.zero_grad()
            backward(loss)
            rate = linear_decay(lr, step, num_steps)
            optimizer.step(rate)
            losses.append(loss.data)
            print("step", step, "loss", loss.data)
            if on_step:
                on_step(step, loss.data)
            step += 1
    return losses
