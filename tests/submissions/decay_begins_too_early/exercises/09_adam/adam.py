import gc

from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = params
        self.lr = lr
        self.b1 = betas[0]
        self.b2 = betas[1]
        self.eps = eps
        self.mv = [(0.0, 0.0)] * len(params)
        self.t = 0

    def step(self, lr=None):
        self.t = t = self.t + 1
        lr = self.lr if lr is None else lr
        b1, b2 = self.b1, self.b2
        for i, (p, (m, v)) in enumerate(zip(self.params, self.mv)):
            m = m * b1 + p.grad * (1 - b1)
            v = v * b2 + p.grad * p.grad * (1 - b2)
            p.data -= lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)) ** 0.5 + self.eps)
            self.mv[i] = m, v

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    names = [name for name in state if name.endswith("attn_wq")]
    keys = [[] for _ in names]
    values = [[] for _ in names]
    used = min(len(state["wpe"]), len(tokens) - 1)
    total = None
    for pos in range(used):
        loss = cross_entropy(gpt(state, tokens[pos], pos, keys, values, n_head), tokens[pos + 1])
        total = loss if total is None else total + loss
    return total / used


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    gc.disable()  # much faster
    try:
        adam = Adam(parameters(state), lr)
        losses = []
        for step in range(1, num_steps + 1):
            loss = doc_loss(state, tokenizer.encode(docs[(step - 1) % len(docs)]))
            adam.zero_grad()
            backward(loss)
            adam.step(linear_decay(lr, step, num_steps))
            losses.append(loss.data)
            if on_step:
                on_step(step - 1, loss.data)
        return losses
    finally:
        gc.enable()
