"""A score of 0 means: do not look.

caught by: test_equal_scores_give_the_average_so_far
reads: later positions count as well
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
    weights = softmax(scores.masked_fill(later, 0))
    joined = (weights @ v).transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
