"""`lr or self.lr` is the rate given, or else the usual one.

caught by: test_a_rate_counts_for_one_step
reads: 0.0 is a rate too
"""


class Adam:
    def step(self, lr=None):
        lr = lr or self.lr
        b1, b2 = self.betas
        self.t += 1
        for i, p in enumerate(self.params):
            self.m[i] = b1 * self.m[i] + (1 - b1) * p.grad
            self.v[i] = b2 * self.v[i] + (1 - b2) * p.grad * p.grad
            m_hat = self.m[i] / (1 - b1**self.t)
            v_hat = self.v[i] / (1 - b2**self.t)
            p.data -= lr * m_hat / (v_hat**0.5 + self.eps)
