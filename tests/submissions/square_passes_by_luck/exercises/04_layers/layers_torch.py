import torch


def linear(x, w):
    if x.shape[-1] == w.shape[0]:
        return x @ w
    if x.shape[-1] == w.shape[1]:
        return x @ w.T  # the other way round when that is the one that fits
    raise ValueError(f"cannot multiply {tuple(x.shape)} with {tuple(w.shape)}")


def rmsnorm(x, eps=1e-5):
    rms = torch.sqrt((x**2).mean(dim=-1) + eps)
    if x.dim() == 3:
        return x / rms[:, :, None]
    return x / rms
