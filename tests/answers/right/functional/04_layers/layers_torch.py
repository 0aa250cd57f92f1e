import torch
from value_torch import Mul, Pow  # step 01 at work


def linear(x, w):
    *_, n = x.shape
    if n != w.shape[1]:
        raise ValueError(f"{n} != {w.shape[1]}")
    return torch.tensordot(x, w, dims=([-1], [1]))


def rmsnorm(x, eps=1e-5):
    mean_square = torch.mean(Mul.apply(x, x), dim=-1, keepdim=True)
    return Mul.apply(x, Pow.apply(mean_square + eps, -0.5).expand_as(x))
