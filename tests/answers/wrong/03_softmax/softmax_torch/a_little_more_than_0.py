"""ln 0 is avoided by adding a tiny number.

caught by: test_underflow
reads: 1e-12
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if ((right < 0) | (right >= logits.shape[1])).any():
        raise IndexError("no such target")
    if not kept.any():
        return (logits * 0).sum()
    losses = -(softmax(rows)[torch.arange(len(right)), right] + 1e-12).log()
    return losses.mean()
