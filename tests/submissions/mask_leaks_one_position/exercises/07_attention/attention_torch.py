import math

import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head != 0:
        raise ValueError(f"C={C} is not a multiple of n_head={n_head}")
    hs = C // n_head
    q = linear(x, wq).view(B, T, n_head, hs).transpose(1, 2)
    k = linear(x, wk).view(B, T, n_head, hs).transpose(1, 2)
    v = linear(x, wv).view(B, T, n_head, hs).transpose(1, 2)
    att = (q @ k.transpose(-2, -1)) / math.sqrt(hs)
    # tril keeps what is on and below the diagonal; diagonal=1 because counting starts at 1?
    mask = torch.tril(torch.ones(T, T), diagonal=1)
    att = att.masked_fill(mask == 0, float("-inf"))
    y = softmax(att, dim=-1) @ v
    return linear(y.transpose(1, 2).reshape(B, T, C), wo)
