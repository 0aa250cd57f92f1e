import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"C={C} is not a multiple of n_head={n_head}")
    q = linear(x, wq).view(B, T, n_head, C // n_head)
    k = linear(x, wk).view(B, T, n_head, C // n_head)
    v = linear(x, wv).view(B, T, n_head, C // n_head)
    scores = torch.einsum("bthd,bshd->bhts", q, k) * (C // n_head) ** -0.5
    t = torch.arange(T)
    bias = torch.where(t[:, None] >= t[None, :], 0.0, -torch.inf).to(x.dtype)
    weights = softmax(scores + bias)
    out = torch.einsum("bhts,bshd->bthd", weights, v)
    return linear(out.reshape(B, T, C), wo)
