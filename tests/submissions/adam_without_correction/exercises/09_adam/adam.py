import math

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = params
        self.lr = lr
        self.b1, self.b2 = betas
        self.eps = eps
        self.m = [0] * len(params)
        self.v = [0] * len(params)

    def step(self, lr=None):
        lr = self.lr if lr is None else lr
        for i in range(len(self.params)):
            g = self.params[i].grad
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g**2
            self.params[i].data -= lr * self.m[i] / (math.sqrt(self.v[i]) + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0


def linear_decay(lr, step, num_steps):
    return lr - lr * step / num_steps


def doc_loss(state, tokens, n_head=4):
    block_size = len(state["wpe"])
    n = min(block_size, len(tokens) - 1)
    layers = [key for key in state if key.endswith("mlp_fc1")]
    keys = [[] for _ in layers]
    values = [[] for _ in layers]
    total = 0
    for pos in range(n):
        logits = gpt(state, tokens[pos], pos, keys, values, n_head)
        total = total + cross_entropy(logits, tokens[pos + 1])
    return total / n


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    opt = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        doc = docs[step % len(docs)]
        loss = doc_loss(state, tokenizer.encode(doc))
        opt.zero_grad()
        backward(loss)
        opt.step(lr=linear_decay(lr, step, num_steps))
        losses += [loss.data]
        if on_step is not None:
            on_step(step, loss.data)
    return losses
