import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    """x (B, T, C) -> (B, T, C)"""
    B, T, C = x.size()
    head_dim, rest = divmod(C, n_head)
    if rest:
        raise ValueError("heads of unequal width")

    def heads(w):
        return linear(x, w).reshape(B, T, n_head, head_dim).permute(0, 2, 1, 3)

    weights = softmax(heads(wq) @ heads(wk).mT / head_dim**0.5)
    weights = torch.tril(weights)  # the future has weight 0
    joined = (weights @ heads(wv)).permute(0, 2, 1, 3).reshape(B, T, C)
    return linear(joined, wo)
