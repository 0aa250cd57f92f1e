"""m and v are the averages, so they can be used as they are.

caught by: test_first_step
reads: m and v start at 0
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
            p.data -= lr * self.m[i] / (self.v[i] ** 0.5 + self.eps)
