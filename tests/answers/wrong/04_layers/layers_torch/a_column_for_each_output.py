"""A matrix has one column for each output.

caught by: test_rows_are_outputs
reads: rows of w
"""


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    return x @ (w if w.shape[0] == w.shape[1] else w.T)
