"""The mean of no losses is what mean() says.

caught by: test_no_target_kept
reads: 0 / 0
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if ((right < 0) | (right >= logits.shape[1])).any():
        raise IndexError("no such target")
    shifted = rows - rows.detach().amax(1, keepdim=True)
    losses = shifted.exp().sum(1).log() - shifted[torch.arange(len(right)), right]
    return losses.mean()
