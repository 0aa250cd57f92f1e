"""A step goes against the gradient, by lr times the gradient.

caught by: test_first_step
reads: lr times the gradient
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
            p.data -= lr * p.grad
