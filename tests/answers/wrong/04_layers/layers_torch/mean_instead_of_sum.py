"""What comes of several inputs is their mean.

caught by: test_outputs_of_one_vector
reads: a weighted sum is no mean
"""


def linear(x, w):
    if x.shape[-1] != w.shape[-1]:
        raise ValueError(f"{x.shape[-1]} numbers and rows of {w.shape[-1]}")
    return x @ w.T / x.shape[-1]
