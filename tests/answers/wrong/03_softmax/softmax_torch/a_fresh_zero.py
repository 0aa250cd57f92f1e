"""Where nothing is kept the loss is 0.

caught by: test_no_target_kept
reads: not connected to the logits
"""

import torch


def cross_entropy(logits, targets, ignore_index=-1):
    kept = targets != ignore_index
    rows, right = logits[kept], targets[kept]
    if ((right < 0) | (right >= logits.shape[1])).any():
        raise IndexError("no such target")
    if not kept.any():
        return torch.tensor(0.0, dtype=logits.dtype)
    shifted = rows - rows.detach().amax(1, keepdim=True)
    losses = shifted.exp().sum(1).log() - shifted[torch.arange(len(right)), right]
    return losses.mean()
