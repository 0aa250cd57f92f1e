import torch


def linear(x, w):
    n_out, n_in = w.size()
    if x.size(-1) != n_in:
        raise ValueError(f"{x.size(-1)} inputs for rows of {n_in}")
    return torch.einsum("...i,oi->...o", x, w)


def rmsnorm(x, eps=1e-5):
    ms = torch.einsum("...c,...c->...", x, x) / x.size(-1)
    return x / torch.sqrt(ms + eps).unsqueeze(-1)
