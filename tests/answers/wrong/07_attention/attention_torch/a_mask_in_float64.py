"""The mask is made of -inf, and added.

caught by: test_dtypes_layouts_and_inputs
reads: something on the way is float64
"""

import torch


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{C} numbers, {n_head} heads")
    d = C // n_head
    q, k, v = (linear(x, w).reshape(B, T, n_head, d).transpose(1, 2) for w in (wq, wk, wv))
    scores = q @ k.transpose(-1, -2) / d**0.5
    later = torch.full((T, T), -torch.inf, dtype=torch.float64).triu(1)
    weights = softmax(scores + later)
    joined = (weights @ v).transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
