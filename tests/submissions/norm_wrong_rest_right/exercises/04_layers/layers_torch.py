def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{tuple(x.shape)} and {tuple(w.shape)} do not fit")
    return x.matmul(w.transpose(0, 1))


def rmsnorm(x, eps=1e-5):
    """Every vector gets length 1."""
    return x / ((x * x).sum(dim=-1, keepdim=True) + eps).sqrt()
