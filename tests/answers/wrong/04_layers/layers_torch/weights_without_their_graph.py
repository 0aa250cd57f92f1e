"""The weights are numbers to multiply by.

caught by: test_gradient_of_w
reads: not connected to w
"""


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    return x @ w.detach().T
