"""The first step has number 0.

caught by: test_the_average_of_gradients
reads: the first step has t = 1
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
                    kept.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                kept["m"] = b1 * kept["m"] + (1 - b1) * p.grad
                kept["v"] = b2 * kept["v"] + (1 - b2) * p.grad**2
                m_hat = kept["m"] / (1 - b1 ** kept["t"])
                v_hat = kept["v"] / (1 - b2 ** kept["t"])
                p -= rate * m_hat / (v_hat.sqrt() + group["eps"])
                kept["t"] += 1
