"""Zeros cannot be normalised, so they are given back as new zeros.

caught by: test_rmsnorm_of_zeros
reads: zeros need no case of their own
"""


def rmsnorm(x, eps=1e-5):
    if not any(x_i.data for x_i in x):
        return [Value(0.0) for _ in x]
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    return [x_i * (mean_square + eps) ** -0.5 for x_i in x]
