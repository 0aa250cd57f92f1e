"""t counts the calls of step, for all parameters.

caught by: test_parameters_without_gradient
reads: a parameter's own steps
"""


class Adam(torch.optim.Optimizer):
    @torch.no_grad()
    def step(self, lr=None):
        self.t = getattr(self, "t", 0) + 1
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
                m_hat = kept["m"] / (1 - b1**self.t)
                v_hat = kept["v"] / (1 - b2**self.t)
                p -= rate * m_hat / (v_hat.sqrt() + group["eps"])
