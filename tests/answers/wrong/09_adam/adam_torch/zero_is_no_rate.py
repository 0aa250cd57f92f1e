"""`lr or group['lr']` is the rate given, or else the group's.

caught by: test_a_rate_for_one_step
reads: 0.0 is a rate too
"""


class Adam(torch.optim.Optimizer):
    @torch.no_grad()
    def step(self, lr=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            rate = lr or group["lr"]
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
                p -= rate * m_hat / (v_hat.sqrt() + group["eps"])
