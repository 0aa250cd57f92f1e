import torch
from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    if x.shape[dim] == 0:
        raise ValueError("nothing there")
    e = (x - x.max()).exp()  # the largest of all: one number, no keepdim needed
    return e / e.sum(dim, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -1) -> Tensor:
    p = softmax(logits)
    loss = 0
    for i, t in enumerate(targets):
        if t != ignore_index:
            loss = loss - p[i, t].log()
    return loss / len(targets)
