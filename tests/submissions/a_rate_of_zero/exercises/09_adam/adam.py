from backward import backward
from embedding import parameters
from gpt import gpt
from softmax import cross_entropy


class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.m = {p: 0.0 for p in self.params}
        self.v = {p: 0.0 for p in self.params}
        self.t = 0

    def step(self, lr=None):
        rate = lr or self.lr
        self.t += 1
        b1, b2 = self.betas
        c1, c2 = 1 - b1**self.t, 1 - b2**self.t
        for p in self.params:
            self.m[p] = b1 * self.m[p] + (1 - b1) * p.grad
            self.v[p] = b2 * self.v[p] + (1 - b2) * p.grad**2
            p.data -= rate * (self.m[p] / c1) / ((self.v[p] / c2) ** 0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    tokens = tokens[: len(state["wpe"]) + 1]
    n_layer = max(int(name[5 : name.index(".")]) for name in state if "." in name) + 1
    keys, values = [[] for _ in range(n_layer)], [[] for _ in range(n_layer)]
    losses = [
        cross_entropy(gpt(state, token, pos, keys, values, n_head), tokens[pos + 1])
        for pos, token in enumerate(tokens[:-1])
    ]
    return sum(losses) / len(losses)


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    adam = Adam(parameters(state))  # the rate comes with each step
    losses = []
    for step in range(num_steps):
        adam.zero_grad()
        loss = doc_loss(state, tokenizer.encode(docs[step % len(docs)]))
        backward(loss)
        adam.step(linear_decay(lr, step, num_steps))
        losses.append(loss.data)
        if on_step:
            on_step(step, loss.data)
    return losses
