"""Step 03 on tensors: from scores to probabilities, and from probabilities to a loss."""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    if x.size(dim) == 0:
        raise ValueError("nothing to take the softmax of")
    m = x.max(dim=dim, keepdim=True).values.detach()
    e = torch.exp(x - m)
    return e / e.sum(dim=dim, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -1) -> Tensor:
    keep = targets != ignore_index
    if not keep.any():
        return (logits * 0).sum()
    logits = logits[keep]  # (K, V)
    targets = targets[keep]  # (K,)
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise IndexError("target out of range")
    m = logits.max(dim=1, keepdim=True).values.detach()
    z = logits - m
    log_total = z.exp().sum(dim=1).log()
    picked = z[torch.arange(len(targets)), targets]
    return (log_total - picked).mean()
