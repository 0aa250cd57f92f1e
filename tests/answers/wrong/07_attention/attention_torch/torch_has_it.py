"""torch has attention.

caught by: test_one_head_is_scaled
reads: torch's own scaled_dot_product_attention
"""

import torch


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{C} numbers, {n_head} heads")
    d = C // n_head
    q, k, v = (linear(x, w).reshape(B, T, n_head, d).transpose(1, 2) for w in (wq, wk, wv))
    heads = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    joined = heads.transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
