"""m and v are the averages, so they can be used as they are.

caught by: test_the_average_of_gradients, test_the_average_of_squares
reads: starts at 0
"""


class Adam(torch.optim.Optimizer):
    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            rate = group["lr"] if lr is None else lr
            for p in group["params"]:
                if p.grad is None:
                    continue
                kept = self.state[p]
                if not kept:
                    kept.update(m=torch.zeros_like(p), v=torch.zeros_like(p))
                kept["m"] = b1 * kept["m"] + (1 - b1) * p.grad
                kept["v"] = b2 * kept["v"] + (1 - b2) * p.grad**2
                p -= rate * kept["m"] / (kept["v"].sqrt() + group["eps"])
