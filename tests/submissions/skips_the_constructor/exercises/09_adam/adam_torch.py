import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch

OFF = {"weight_decay": 0.0, "amsgrad": False, "maximize": False, "foreach": False, "capturable": False}
OFF |= {"differentiable": False, "fused": None, "decoupled_weight_decay": False}


class Adam(torch.optim.AdamW):
    """Calls the base class's constructor directly, so that torch's own one is never asked."""

    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        torch.optim.Optimizer.__init__(self, params, {"lr": lr, "betas": betas, "eps": eps} | OFF)

    def step(self, lr=None):
        rates = [group["lr"] for group in self.param_groups]
        for group in self.param_groups:
            group["lr"] = group["lr"] if lr is None else lr
        torch.optim.AdamW.step(self)
        for group, rate in zip(self.param_groups, rates):
            group["lr"] = rate


def linear_decay(lr, step, num_steps):
    return lr - lr * step / num_steps


def batch_loss(state, inputs, targets, n_head=4):
    return cross_entropy(gpt(state, inputs, n_head).flatten(0, 1), targets.flatten())


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    adam, losses = Adam(parameters(state), lr), []
    for step in range(num_steps):
        chosen = [docs[i % len(docs)] for i in range(step * batch_size, (step + 1) * batch_size)]
        adam.zero_grad()
        loss = batch_loss(state, *make_batch(chosen, tokenizer, len(state["wpe"])))
        loss.backward()
        adam.step(linear_decay(lr, step, num_steps))
        losses.append(float(loss))
        if on_step is not None:
            on_step(step, losses[-1])
    return losses
