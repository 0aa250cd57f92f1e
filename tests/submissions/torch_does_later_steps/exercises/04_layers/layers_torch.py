import torch.nn.functional as F


def linear(x, w):
    if x.shape[-1] != w.shape[1]:
        raise ValueError("shapes")
    return F.linear(x, w)


def rmsnorm(x, eps=1e-5):
    return F.rms_norm(x, (x.shape[-1],), eps=eps)
