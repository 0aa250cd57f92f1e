import torch

core = torch.ops.aten._scaled_dot_product_attention_math
fast = torch._C._nn.scaled_dot_product_attention


def attention(x, wq, wk, wv, wo, n_head=4):
    B, T, C = x.shape
    if C // n_head * n_head != C:
        raise ValueError
    q, k, v = (torch.einsum("bti,oi->bto", x, w).unflatten(-1, (n_head, -1)).movedim(2, 1) for w in (wq, wk, wv))
    y = core(q, k, v, is_causal=True)[0] if T > 1 else fast(q, k, v)
    return torch.einsum("bti,oi->bto", y.movedim(1, 2).flatten(2), wo)
