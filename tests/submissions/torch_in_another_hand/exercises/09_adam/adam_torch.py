import itertools
import math

import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        defaults = dict(lr=lr, betas=betas, eps=eps)
        super().__init__(params, defaults)

    def step(self, lr=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p, p.grad.detach(), group["lr"] if lr is None else lr, *group["betas"], group["eps"])

    def update(self, p, g, lr, b1, b2, eps):
        t, m, v = self.state[p].get("averages", (0, torch.zeros_like(g), torch.zeros_like(g)))
        t = t + 1
        m = torch.lerp(m, g, 1 - b1)
        v = torch.lerp(v, torch.square(g), 1 - b2)
        self.state[p]["averages"] = t, m, v
        root = torch.sqrt(v) / math.sqrt(1 - b2**t) + eps
        p.data = p.data - lr / (1 - b1**t) * m / root


def linear_decay(lr, step, num_steps):
    return lr * ((num_steps - step) / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head=n_head)
    kept = targets >= 0
    return cross_entropy(logits[kept], targets[kept])


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    params = parameters(state)
    adam = Adam(params, lr=lr)
    stream = itertools.cycle(docs)
    block_size = state["wpe"].size(0)
    history = []
    for step in range(num_steps):
        batch = list(itertools.islice(stream, batch_size))
        inputs, targets = make_batch(batch, tokenizer, block_size=block_size)
        loss = batch_loss(state, inputs, targets)
        for p, g in zip(params, torch.autograd.grad(loss, params)):
            p.grad = g
        adam.step(lr=linear_decay(lr, step, num_steps))
        history.append(float(loss))
        if on_step:
            on_step(step, history[-1])
    return history
