"""What does not fit, reshape refuses.

caught by: test_heads_must_share_the_width_evenly
reads: it raised RuntimeError
"""

import torch


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    d = C // n_head
    q, k, v = (linear(x, w).reshape(B, T, n_head, d).transpose(1, 2) for w in (wq, wk, wv))
    scores = q @ k.transpose(-1, -2) / d**0.5
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = softmax(scores.masked_fill(later, -torch.inf))
    joined = (weights @ v).transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
