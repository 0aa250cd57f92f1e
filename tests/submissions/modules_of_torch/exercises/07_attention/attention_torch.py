import torch
from torch import nn


def attention(x, wq, wk, wv, wo, n_head=4):
    T, C = x.shape[1:]
    if C % n_head != 0:
        raise ValueError("embed_dim must be divisible by num_heads")
    layer = nn.MultiheadAttention(C, n_head, bias=False, batch_first=True, device="meta")
    weights = {"in_proj_weight": torch.cat([wq, wk, wv]), "out_proj.weight": wo}
    later = torch.ones(T, T, dtype=torch.bool).triu(1)
    y, _ = torch.func.functional_call(layer, weights, (x, x, x), {"attn_mask": later})
    return y
