"""eps belongs to v, as it does to the mean of the squares in rmsnorm.

caught by: test_the_update_alone
reads: eps stands inside the root
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
                kept["t"] += 1
                kept["m"] = b1 * kept["m"] + (1 - b1) * p.grad
                kept["v"] = b2 * kept["v"] + (1 - b2) * p.grad**2
                m_hat = kept["m"] / (1 - b1 ** kept["t"])
                v_hat = kept["v"] / (1 - b2 ** kept["t"])
                p -= rate * m_hat / (v_hat + group["eps"]).sqrt()
