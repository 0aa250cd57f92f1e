"""The scale is a number, so it needs no gradient.

caught by: test_gradient_of_rmsnorm
reads: through the root
"""

import torch


def rmsnorm(x, eps=1e-5):
    with torch.no_grad():
        scale = ((x * x).mean(-1, keepdim=True) + eps).rsqrt()
    return x * scale
