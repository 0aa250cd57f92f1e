import torch
from layers_torch import linear
from softmax_torch import softmax


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError(f"{n_head} heads for {C} numbers")

    def split(y):  # (B, T, C) -> (B*H, T, d)
        return y.unflatten(-1, (n_head, -1)).movedim(2, 1).flatten(0, 1)

    def join(y):  # and back
        return y.unflatten(0, (B, n_head)).movedim(1, 2).flatten(2)

    q, k, v = (split(linear(x, w)) for w in (wq * (C // n_head) ** -0.5, wk, wv))  # the scale is in wq already
    hidden = torch.full((T, T), float("-inf"), dtype=x.dtype).triu(1)
    return linear(join(softmax(q.bmm(k.transpose(1, 2)).add(hidden)).bmm(v)), wo)
