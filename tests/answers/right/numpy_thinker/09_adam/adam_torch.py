import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            beta = torch.tensor(group["betas"], dtype=torch.float64)  # (2,)
            alpha = group["lr"] if lr is None else lr
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if "count" not in s:
                    s["count"] = torch.tensor(0)
                    s["mv"] = torch.zeros((2, *p.shape), dtype=p.dtype)  # both averages as one array
                s["count"] = s["count"] + 1
                b = beta.to(p.dtype).reshape(2, *[1] * p.dim())
                new = torch.stack([p.grad, p.grad**2])
                s["mv"] = b * s["mv"] + (1 - beta).to(p.dtype).reshape(b.shape) * new
                correction = 1 - beta ** s["count"]
                m, v = s["mv"] / correction.to(p.dtype).reshape(b.shape)
                p -= alpha * m / (torch.sqrt(v) + group["eps"])


def linear_decay(lr, step, num_steps):
    return lr - lr * step / num_steps


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    B, T, V = logits.shape
    return cross_entropy(logits.reshape(B * T, V), targets.reshape(B * T))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    params = parameters(state)
    opt = Adam(params, lr=lr)
    T = state["wpe"].shape[0]
    picks = torch.arange(num_steps * batch_size).reshape(num_steps, batch_size) % len(docs)
    losses = torch.zeros(num_steps, dtype=torch.float64)
    for step, row in enumerate(picks):
        x, y = make_batch([docs[j] for j in row], tokenizer, T)
        loss = batch_loss(state, x, y)
        opt.zero_grad(set_to_none=False)
        loss.backward()
        opt.step(lr=linear_decay(lr, step, num_steps))
        losses[step] = loss.detach()
        if on_step is not None:
            on_step(step, losses[step].item())
    return losses.tolist()
