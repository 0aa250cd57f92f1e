"""x is a batch of vectors: one loop goes through it.

caught by: test_linear_of_any_leading_dimensions
"""

import torch


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    if x.dim() == 1:
        return w @ x
    return torch.stack([w @ row.flatten() for row in x])
