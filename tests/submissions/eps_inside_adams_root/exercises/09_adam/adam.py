class Adam:
    def __init__(self, params, lr=0.01, betas=(0.85, 0.99), eps=1e-8):
        self.lr, self.betas, self.eps = lr, betas, eps
        self.state = [{"p": p, "m": 0.0, "v": 0.0} for p in params]
        self.t = 0

    def step(self, lr=None):
        if lr is None:
            lr = self.lr
        (b1, b2), self.t = self.betas, self.t + 1
        for s in self.state:
            g = s["p"].grad
            if g == 0:
                continue  # nothing to learn from
            s["m"] = b1 * s["m"] + (1 - b1) * g
            s["v"] = b2 * s["v"] + (1 - b2) * g * g
            m_hat = s["m"] / (1 - b1**self.t)
            v_hat = s["v"] / (1 - b2**self.t)
            s["p"].data -= lr * m_hat * (v_hat + self.eps) ** -0.5

    def zero_grad(self):
        for s in self.state:
            s["p"].grad = 0.0


def linear_decay(lr, step, num_steps):
    return lr * (1 - step / num_steps)


def doc_loss(state, tokens, n_head=4):
    raise NotImplementedError("09_adam: write doc_loss() in adam.py")


def train(state, docs, tokenizer, num_steps, lr=0.01, on_step=None):
    raise NotImplementedError("09_adam: write train() in adam.py")
