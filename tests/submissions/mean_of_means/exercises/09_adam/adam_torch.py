import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch
from torch.optim import Optimizer


class Adam(Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p] = {"step": 0, "exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}

    def step(self, lr=None):
        with torch.no_grad():
            for group in self.param_groups:
                for p in filter(lambda p: p.grad is not None, group["params"]):
                    self.one(p, self.state[p], group, group["lr"] if lr is None else lr)

    def one(self, p, s, group, lr):
        beta1, beta2 = group["betas"]
        s["step"] += 1
        s["exp_avg"] = beta1 * s["exp_avg"] + (1 - beta1) * p.grad
        s["exp_avg_sq"] = beta2 * s["exp_avg_sq"] + (1 - beta2) * p.grad * p.grad
        m_hat = s["exp_avg"] / (1 - beta1 ** s["step"])
        v_hat = s["exp_avg_sq"] / (1 - beta2 ** s["step"])
        p.copy_(p - lr * m_hat / (torch.sqrt(v_hat) + group["eps"]))


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    """One document after the other, and the mean of their losses."""
    losses = []
    for b in range(inputs.shape[0]):
        logits = gpt(state, inputs[b : b + 1], n_head)
        losses.append(cross_entropy(logits[0], targets[b]))
    return sum(losses) / len(losses)


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr)
    history = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        inputs, targets = make_batch(batch, tokenizer)
        loss = batch_loss(state, inputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(lr=linear_decay(lr, step, num_steps))
        history.append(loss.item())
        if on_step is not None:
            on_step(step, history[-1])
    return history
