from collections import defaultdict

from value import Value


class Adam:
    m: dict[Value, float] = defaultdict(float)
    v: dict[Value, float] = defaultdict(float)

    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.params = params
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.t = 0

    def step(self, lr=None):
        self.t += 1
        for p in self.params:
            self.update(p, self.lr if lr is None else lr)

    def update(self, p, lr):
        b1, b2 = self.betas
        self.m[p] += (1 - b1) * (p.grad - self.m[p])
        self.v[p] += (1 - b2) * (p.grad * p.grad - self.v[p])
        m_hat = self.m[p] / (1 - b1**self.t)
        v_hat = self.v[p] / (1 - b2**self.t)
        p.data -= lr * m_hat / (v_hat**0.5 + self.eps)

    def zero_grad(self):
        for p in self.params:
            p.grad = 0.0


def linear_decay(lr, step, num_steps):
    done = step / num_steps
    return (1 - done) * lr


def doc_loss(state, tokens, n_head=4):
    raise NotImplementedError("09_adam: write doc_loss() in adam.py")


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    raise NotImplementedError("09_adam: write train() in adam.py")
