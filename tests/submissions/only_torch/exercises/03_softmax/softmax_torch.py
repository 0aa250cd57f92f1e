"""Step 03 in torch, by way of the logarithm: p = exp(x - lse), and one-hot rows picked with einsum."""

import torch


def log_sum_exp(x, dim):
    """ln of the sum of e^x along dim, kept as a dimension of size 1."""
    with torch.no_grad():
        top = x.amax(dim=dim, keepdim=True)
    return top + (x - top).exp().sum(dim=dim, keepdim=True).log()


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("empty dimension")
    return (x - log_sum_exp(x, dim)).exp()


def cross_entropy(logits, targets, ignore_index=-1):
    rows, width = logits.shape
    kept = targets.ne(ignore_index)
    if bool(((targets >= width) | (targets < 0)).logical_and(kept).any()):
        raise IndexError("a target is not a column")
    count = int(kept.sum())
    safe = targets.where(kept, torch.zeros_like(targets))
    onehot = (safe[:, None] == torch.arange(width)[None, :]) & kept[:, None]  # (N, V), all False where ignored
    logp = logits - log_sum_exp(logits, 1)
    return -torch.einsum("nv,nv->", onehot.to(logp.dtype), logp) / max(1, count)
