"""Step 09 on tensors: all parameters of a group at once (torch's _foreach operations), and my own backward."""

import torch
from backward_torch import backward
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            (b1, b2), eps = group["betas"], group["eps"]
            ps = [p for p in group["params"] if p.grad is not None]
            if not ps:
                continue
            for p in ps:
                if not self.state[p]:
                    self.state[p] = [0, torch.zeros_like(p), torch.zeros_like(p)]
                self.state[p][0] += 1
            ts, ms, vs = zip(*(self.state[p] for p in ps))
            gs = [p.grad for p in ps]
            torch._foreach_mul_(ms, b1)
            torch._foreach_add_(ms, gs, alpha=1 - b1)
            torch._foreach_mul_(vs, b2)
            torch._foreach_addcmul_(vs, gs, gs, 1 - b2)
            roots = torch._foreach_sqrt(torch._foreach_div(vs, [1 - b2**t for t in ts]))
            torch._foreach_add_(roots, eps)
            rate = group["lr"] if lr is None else lr
            torch._foreach_addcdiv_(ps, ms, roots, [-rate / (1 - b1**t) for t in ts])


def linear_decay(lr, step, num_steps):
    return lr * (num_steps - step) / num_steps


def batch_loss(state, inputs, targets, n_head=4):
    return cross_entropy(gpt(state, inputs, n_head).reshape(targets.numel(), -1), targets.reshape(-1))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    optimizer = Adam(iter(parameters(state)), lr)
    block_size, _ = state["wpe"].shape

    def batch(step):
        first = step * batch_size
        return [docs[i % len(docs)] for i in range(first, first + batch_size)]

    def one(step):
        optimizer.zero_grad()
        loss = batch_loss(state, *make_batch(batch(step), tokenizer, block_size))
        backward(loss)
        optimizer.step(linear_decay(lr, step, num_steps))
        (on_step or (lambda *_: None))(step, loss.item())
        return loss.item()

    return list(map(one, range(num_steps)))
