"""Step 03 on tensors, written along the hints."""

import torch
from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    if x.shape[dim] == 0:
        raise ValueError("nothing to take the softmax of")
    highest = x.detach().amax(dim, keepdim=True)
    exps = torch.exp(x - highest)
    return exps / exps.sum(dim, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -1) -> Tensor:
    kept = targets != ignore_index
    rows, targets = logits[kept], targets[kept]
    if len(targets) == 0:
        return rows.sum()
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise IndexError("a target is outside of the vocabulary")
    shifted = rows - rows.detach().amax(dim=1, keepdim=True)
    log_total = shifted.exp().sum(dim=1).log()
    chosen = shifted[torch.arange(len(targets)), targets]
    return (log_total - chosen).mean()
