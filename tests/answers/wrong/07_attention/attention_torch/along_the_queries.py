"""softmax goes along a dimension of the scores.

caught by: test_scores_without_a_scale
reads: over the positions that ask
"""

import torch


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{C} numbers, {n_head} heads")
    d = C // n_head
    q, k, v = (linear(x, w).reshape(B, T, n_head, d).transpose(1, 2) for w in (wq, wk, wv))
    scores = q @ k.transpose(-1, -2) / d**0.5
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    weights = softmax(scores.masked_fill(later, -torch.inf), dim=-2)
    joined = (weights @ v).transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
