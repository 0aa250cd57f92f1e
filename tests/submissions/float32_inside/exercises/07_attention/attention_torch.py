import math

import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head != 0:
        raise ValueError("C % n_head")
    d = C // n_head
    split = lambda w: linear(x, w).reshape(B, T, n_head, d).transpose(1, 2)
    scores = split(wq) @ split(wk).transpose(-1, -2) / math.sqrt(d)
    scores = scores.masked_fill(torch.ones(T, T).triu(1) == 1, -math.inf)
    weights = softmax(scores.float()).to(scores.dtype)  # softmax in full precision
    return linear((weights @ split(wv)).transpose(1, 2).reshape(B, T, C), wo)
