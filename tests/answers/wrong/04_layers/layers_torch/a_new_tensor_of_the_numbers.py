"""The result is a new tensor, so it is made with torch.tensor.

caught by: test_gradient_of_x, test_gradient_of_w
reads: not connected to x
"""

import torch


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    return torch.tensor((x @ w.T).tolist(), dtype=x.dtype)
