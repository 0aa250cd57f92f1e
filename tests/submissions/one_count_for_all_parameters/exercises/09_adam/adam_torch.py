import torch
from embedding_torch import parameters
from gpt_torch import gpt
from softmax_torch import cross_entropy
from tokenizer_torch import make_batch


class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})
        self.lr, self.betas, self.eps = lr, betas, eps
        self.params = [p for group in self.param_groups for p in group["params"]]
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = 0

    @torch.no_grad()
    def step(self, lr=None):
        self.t += 1
        lr = self.lr if lr is None else lr
        beta1, beta2 = self.betas
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * p.grad
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * p.grad**2
            m_hat = self.m[i] / (1 - beta1**self.t)
            v_hat = self.v[i] / (1 - beta2**self.t)
            p -= lr * m_hat / (v_hat.sqrt() + self.eps)


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def batch_loss(state, inputs, targets, n_head=4):
    logits = gpt(state, inputs, n_head)
    B, T, V = logits.shape
    return cross_entropy(logits.reshape(B * T, V), targets.reshape(B * T))


def train(state, docs, tokenizer, num_steps, batch_size=1, lr=0.01, on_step=None):
    opt = Adam(parameters(state), lr=lr)
    losses = []
    for step in range(num_steps):
        batch = [docs[(step * batch_size + i) % len(docs)] for i in range(batch_size)]
        inputs, targets = make_batch(batch, tokenizer, block_size=len(state["wpe"]))
        loss = batch_loss(state, inputs, targets)
        opt.zero_grad()
        loss.backward()
        opt.step(linear_decay(lr, step, num_steps))
        losses.append(loss.item())
        if on_step is not None:
            on_step(step, loss.item())
    return losses
