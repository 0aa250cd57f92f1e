import torch


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError(f"dimension {dim} is empty")
    top = x.amax(dim, keepdim=True).detach()
    e = torch.exp(x - top)
    return e / e.sum(dim=dim, keepdim=True)


def cross_entropy(logits, targets, ignore_index=-1):
    n, v = logits.shape
    rows = (targets != ignore_index).nonzero().flatten()
    wanted = targets[rows]
    if ((wanted < 0) | (wanted >= v)).any():
        raise IndexError(f"targets are 0..{v - 1}")
    if len(rows) == 0:
        return (0 * logits).sum()
    x = logits[rows]
    x = x - x.amax(1, keepdim=True).detach()
    return (x.exp().sum(1).log() - x[torch.arange(len(rows)), wanted]).mean()
