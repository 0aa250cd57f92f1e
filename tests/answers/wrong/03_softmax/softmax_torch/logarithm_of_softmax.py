"""The loss is -ln softmax(x)_t.

caught by: test_underflow
reads: a probability of 0
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if ((right < 0) | (right >= logits.shape[1])).any():
        raise IndexError("no such target")
    if not kept.any():
        return (logits * 0).sum()
    losses = -softmax(rows)[torch.arange(len(right)), right].log()
    return losses.mean()
