import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch
from torch.optim import Optimizer


class Adam(Optimizer):
    """Everything in place, to save memory."""

    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            rate = lr or group["lr"]
            for p in group["params"]:
                g = p.grad
                if g is None:
                    continue
                kept = self.state[p]
                if "t" not in kept:
                    kept["t"], kept["m"], kept["v"] = 0, torch.zeros_like(p), torch.zeros_like(p)
                kept["t"] += 1
                kept["m"].mul_(b1).add_(g.mul_(1 - b1))  # g holds (1 - b1) g from here on
                kept["v"].mul_(b2).add_(g.div_(1 - b1).pow_(2).mul_(1 - b2))
                root = (kept["v"] / (1 - b2 ** kept["t"])).sqrt_().add_(group["eps"])
                p.sub_(kept["m"] / root, alpha=rate / (1 - b1 ** kept["t"]))


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    return cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    adam = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        names = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        inputs, targets = make_batch(names, tokenizer, block_size=len(state["wpe"]))
        adam.zero_grad()
        loss = batch_loss(state, inputs, targets)
        loss.backward()
        adam.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step:
            on_step(step, losses[-1])
    return losses
