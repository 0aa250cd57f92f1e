import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch
from torch.optim.lr_scheduler import LambdaLR


class Adam(torch.optim.Optimizer):
    """Has an optimizer inside, which does the work on the same groups."""

    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})
        self.worker = torch.optim.AdamW(self.param_groups, weight_decay=0.0)
        self.param_groups = self.worker.param_groups

    def step(self, lr=None):
        before = [group["lr"] for group in self.param_groups]
        for group in self.param_groups:
            group["lr"] = group["lr"] if lr is None else lr
        self.worker.step()
        for group, rate in zip(self.param_groups, before):
            group["lr"] = rate


def linear_decay(lr, step, num_steps):
    """What LambdaLR gives at this step."""
    dummy = torch.optim.SGD([torch.zeros(1)], lr=lr)
    scheduler = LambdaLR(dummy, lambda n: 1 - (n + step) / num_steps)
    return scheduler.get_last_lr()[0]


def batch_loss(state, inputs, targets, n_head=4):
    return cross_entropy(gpt(state, inputs, n_head).flatten(0, 1), targets.flatten())


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    adam = Adam(parameters(state), lr)
    losses = []
    for step in range(num_steps):
        names = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        adam.zero_grad()
        loss = batch_loss(state, *make_batch(names, tokenizer, block_size=len(state["wpe"])))
        loss.backward()
        adam.step(lr * (1 - step / num_steps))
        losses.append(loss.item())
        if on_step is not None:
            on_step(step, losses[-1])
    return losses
