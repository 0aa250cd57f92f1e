import torch.nn.functional as F


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C % n_head:
        raise ValueError("n_head")
    q, k, v = ((x @ w.T).view(B, T, n_head, C // n_head).transpose(1, 2) for w in (wq, wk, wv))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return y.transpose(1, 2).reshape(B, T, C) @ wo.T
