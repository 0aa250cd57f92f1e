import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{C} / {n_head} is not a whole number")
    q, k, v = (linear(x, w).reshape(B, T, n_head, -1) for w in (wq, wk, wv))
    scores = torch.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5
    past = torch.ones(T, T, dtype=torch.bool).tril()
    weights = softmax(scores.masked_fill(~past, float("-inf")))
    return linear(torch.einsum("bhts,bshd->bthd", weights, v).reshape(B, T, C), wo)
