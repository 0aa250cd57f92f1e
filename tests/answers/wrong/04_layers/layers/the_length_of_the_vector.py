"""A norm divides by the length, the root of the sum of the squares.

caught by: test_rmsnorm
reads: the sum is not divided
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    scale = (sum(squares[1:], squares[0]) + eps) ** -0.5
    return [x_i * scale for x_i in x]
