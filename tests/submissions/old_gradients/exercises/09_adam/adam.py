from math import sqrt

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy
from value import Value


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = params
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.t = 0
        for p in params:
            p.m = p.v = 0.0  # kept in the parameters themselves

    def step(self, lr=None):
        if lr is None:
            lr = self.lr
        self.t += 1
        b1, b2 = self.betas
        for p in self.params:
            p.m = b1 * p.m + (1 - b1) * p.grad
            p.v = b2 * p.v + (1 - b2) * p.grad * p.grad
            p.data -= lr * (p.m / (1 - b1**self.t)) / (sqrt(p.v / (1 - b2**self.t)) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    n_layer = sum("attn_wq" in name for name in state)
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    n = min(len(state["wpe"]), len(tokens) - 1)
    loss = Value(0.0)
    for t in range(n):
        loss = loss + cross_entropy(gpt(state, tokens[t], t, keys, values, n_head), tokens[t + 1]) / n
    return loss


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        tokens = tokenizer.encode(docs[step % len(docs)])
        loss = doc_loss(state, tokens)
        backward(loss)
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.data)
        if on_step is not None:
            on_step(step, loss.data)
    return losses
