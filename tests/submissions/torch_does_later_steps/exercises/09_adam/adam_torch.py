import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Adam):
    """The defaults of the course."""

    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, lr=lr, betas=betas, eps=eps)

    def step(self, lr=None):
        rates = [group["lr"] for group in self.param_groups]
        if lr is not None:
            for group in self.param_groups:
                group["lr"] = lr
        super().step()
        for group, rate in zip(self.param_groups, rates):
            group["lr"] = rate


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    return cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(parameters(state), lr=lr)
    losses = []
    for step in range(num_steps):
        start = step * batch_size
        batch = [docs[n % len(docs)] for n in range(start, start + batch_size)]
        loss = batch_loss(state, *make_batch(batch, tokenizer, state["wpe"].shape[0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step is not None:
            on_step(step, loss.item())
    return losses
