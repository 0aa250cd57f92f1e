"""Step 09 on tensors, written along the hints."""

import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        defaults = dict(lr=lr, betas=betas, eps=eps)
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            rate = group["lr"] if lr is None else lr
            beta1, beta2 = group["betas"]
            for p in [p for p in group["params"] if p.grad is not None]:
                memory = self.state[p]
                if not memory:
                    memory["t"], memory["m"], memory["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                memory["t"] += 1
                memory["m"] = beta1 * memory["m"] + (1 - beta1) * p.grad
                memory["v"] = beta2 * memory["v"] + (1 - beta2) * p.grad**2
                m_hat = memory["m"] / (1 - beta1 ** memory["t"])
                v_hat = memory["v"] / (1 - beta2 ** memory["t"])
                p.sub_(rate * (m_hat / (v_hat.sqrt() + group["eps"])))


def linear_decay(lr, step, num_steps):
    left = num_steps - step
    return lr * left / num_steps


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    rows = logits.reshape(-1, logits.shape[-1])
    return cross_entropy(rows, targets.reshape(-1))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    history = []
    for number in range(num_steps):
        start = number * batch_size
        batch = [docs[(start + i) % len(docs)] for i in range(batch_size)]
        inputs, targets = make_batch(batch, tokenizer, len(state["wpe"]))
        optimizer.zero_grad()
        loss = batch_loss(state, inputs, targets)
        loss.backward()
        optimizer.step(linear_decay(lr, number, num_steps))
        history.append(loss.item())
        if on_step:
            on_step(number, history[-1])
    return history
