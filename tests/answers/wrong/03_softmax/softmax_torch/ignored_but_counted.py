"""Ignored rows add 0 to the mean.

caught by: test_ignored_targets
reads: counted among the rows
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if ((right < 0) | (right >= logits.shape[1])).any():
        raise IndexError("no such target")
    if not kept.any():
        return (logits * 0).sum()
    shifted = rows - rows.detach().amax(1, keepdim=True)
    losses = shifted.exp().sum(1).log() - shifted[torch.arange(len(right)), right]
    return losses.sum() / len(targets)
