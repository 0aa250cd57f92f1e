"""The averages are divided by one another.

caught by: test_first_step
reads: v_hat is the average of squares
"""


class Adam:
    def step(self, lr=None):
        if lr is None:
            lr = self.lr
        b1, b2 = self.betas
        self.t += 1
        for i, p in enumerate(self.params):
            self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
            self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad * p.grad
            m_hat = self.m[i] / (1 - b1**self.t)
            v_hat = self.v[i] / (1 - b2**self.t)
            p.data -= lr * m_hat / (v_hat + self.eps)
