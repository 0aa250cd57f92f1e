"""Indexing raises IndexError by itself.

caught by: test_targets_outside
reads: must raise IndexError; it returned
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if not kept.any():
        return (logits * 0).sum()
    shifted = rows - rows.detach().amax(1, keepdim=True)
    losses = shifted.exp().sum(1).log() - shifted[torch.arange(len(right)), right]
    return losses.mean()
