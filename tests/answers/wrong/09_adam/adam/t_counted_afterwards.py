"""The first step has number 0.

caught by: test_first_step
reads: the first step has t = 1
"""


class Adam:
    def step(self, lr=None):
        if lr is None:
            lr = self.lr
        b1, b2 = self.betas
        for i, p in enumerate(self.params):
            self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
            self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad * p.grad
            m_hat = self.m[i] / (1 - b1**self.t)
            v_hat = self.v[i] / (1 - b2**self.t)
            p.data -= lr * m_hat / (v_hat**0.5 + self.eps)
        self.t += 1
