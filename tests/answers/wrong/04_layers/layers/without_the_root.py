"""The numbers are divided by the mean of their squares.

caught by: test_rmsnorm
reads: the root is missing
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    return [x_i / (mean_square + eps) for x_i in x]
