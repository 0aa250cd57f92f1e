"""Step 07 on tensors: attention, for all positions at once.

Each position makes a query, a key and a value from its x. For one head of d numbers, position t weighs all positions s
up to itself by how well their keys answer its query, and takes the average of their values by these weights:

    a_ts = softmax over s <= t of (q_t . k_s / sqrt(d))           out_t = sum_s a_ts v_s

The pure track feeds one position after the other, and the later ones are simply not there yet. Here all of them are,
and a mask has to hide them: a score of -inf becomes a weight of 0.
"""

import math

import torch
from layers_torch import linear
from softmax_torch import softmax
from torch import Tensor


def attention(x: Tensor, wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor, n_head: int = 4) -> Tensor:
    """Causal multi-head self-attention: no position is influenced by a later one.

    x:         (B, T, C); so is the result
    wq ... wo: (C, C)
    n_head:    head h works on the numbers h*d to (h+1)*d - 1 of queries, keys and values, where d = C / n_head. Their
               outputs are joined in order, and `wo` mixes them.

    ValueError: C is not divisible by n_head.
    """
    B, T, C = x.shape
    if C % n_head != 0:
        raise ValueError(f"{C} numbers cannot be shared out among {n_head} heads")
    d = C // n_head
    q, k, v = (linear(x, w).reshape(B, T, n_head, d).transpose(1, 2) for w in (wq, wk, wv))  # (B, H, T, d) each
    scores = q @ k.transpose(2, 3) / math.sqrt(d)  # (B, H, T, T)
    later = torch.ones(T, T, dtype=torch.bool, device=x.device).triu(diagonal=1)  # (T, T), true where s > t
    weights = softmax(scores.masked_fill(later, -math.inf))  # (B, H, T, T)
    joined = (weights @ v).transpose(1, 2).reshape(B, T, C)
    return linear(joined, wo)
