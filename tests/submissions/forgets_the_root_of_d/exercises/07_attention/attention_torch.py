import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head != 0:
        raise ValueError(C)
    out = torch.zeros_like(x)
    q, k, v = linear(x, wq), linear(x, wk), linear(x, wv)
    d = C // n_head
    mask = torch.ones(T, T).triu(1).bool()
    pieces = []
    for h in range(n_head):
        i, j = h * d, (h + 1) * d
        scores = torch.einsum("btc,bsc->bts", q[..., i:j], k[..., i:j])
        pieces.append(softmax(scores.masked_fill(mask, float("-inf"))) @ v[..., i:j])
    out = out + torch.cat(pieces, dim=2)
    return linear(out, wo)
