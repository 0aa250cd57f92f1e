"""A batch is a table, so all dimensions before the last become one.

caught by: test_linear_of_any_leading_dimensions
reads: the dimensions before the last
"""


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    return x.reshape(-1, x.shape[-1]).squeeze(0) @ w.T
