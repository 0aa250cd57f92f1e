from math import inf, sqrt

import torch
from layers_torch import linear
from softmax_torch import softmax
from torch import Tensor


def attention(x: Tensor, wq: Tensor, wk: Tensor, wv: Tensor, wo: Tensor, n_head: int = 4) -> Tensor:
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{n_head} heads for {C} numbers")
    d = C // n_head
    q = linear(x, wq).reshape(B, T, n_head, d).transpose(1, 2)
    k = linear(x, wk).reshape(B, T, n_head, d).transpose(1, 2)
    v = linear(x, wv).reshape(B, T, n_head, d).transpose(1, 2)
    future = torch.triu(torch.full((T, T), -inf, dtype=x.dtype), diagonal=1)
    a = softmax(q @ k.transpose(2, 3) / sqrt(d) + future)
    y = a @ v  # (B, n_head, T, d)
    return linear(y.reshape(B, T, C), wo)
