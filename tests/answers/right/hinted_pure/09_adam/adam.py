"""Step 09, written along the hints."""

import gc
from contextlib import contextmanager

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params, self.lr, self.betas, self.eps = params, lr, betas, eps
        self.m = [0.0 for _ in params]
        self.v = [0.0 for _ in params]
        self.t = 0

    def step(self, lr=None):
        rate = self.lr if lr is None else lr
        self.t += 1
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            g = p.grad
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            m_hat = self.m[i] / (1 - beta1**self.t)
            v_hat = self.v[i] / (1 - beta2**self.t)
            p.data -= rate * m_hat / (v_hat**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    ahead = 1 - step / num_steps
    return lr * ahead


def doc_loss(state, tokens, n_head=4):
    n = min(len(tokens) - 1, len(state["wpe"]))
    n_layer = sum(".attn_wq" in name for name in state)
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    losses = []
    for position in range(n):
        logits = gpt(state, tokens[position], position, keys, values, n_head)
        losses.append(cross_entropy(logits, tokens[position + 1]))
    return sum(losses) / n


@contextmanager
def collector_paused():
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    history = []
    with collector_paused():
        for number in range(num_steps):
            doc = docs[number % len(docs)]
            optimizer.zero_grad()
            loss = doc_loss(state, tokenizer.encode(doc))
            backward(loss)
            optimizer.step(linear_decay(lr, number, num_steps))
            history.append(loss.data)
            if on_step:
                on_step(number, history[-1])
    return history
