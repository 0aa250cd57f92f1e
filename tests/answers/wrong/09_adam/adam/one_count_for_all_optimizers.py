"""What every optimizer starts with can stand in the class.

caught by: test_every_optimizer_keeps_its_own
"""


class Adam:
    def step(self, lr=None):
        if lr is None:
            lr = self.lr
        b1, b2 = self.betas
        Adam.t = self.t = getattr(Adam, "t", 0) + 1
        for i, p in enumerate(self.params):
            self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
            self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad * p.grad
            m_hat = self.m[i] / (1 - b1**self.t)
            v_hat = self.v[i] / (1 - b2**self.t)
            p.data -= lr * m_hat / (v_hat**0.5 + self.eps)
