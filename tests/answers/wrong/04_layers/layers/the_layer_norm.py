"""A norm takes the mean away first.

caught by: test_rmsnorm
reads: the mean is taken away
"""


def rmsnorm(x, eps=1e-5):
    mean = sum(x[1:], x[0]) / len(x)
    centred = [x_i - mean for x_i in x]
    squares = [c * c for c in centred]
    variance = sum(squares[1:], squares[0]) / len(x)
    return [c * (variance + eps) ** -0.5 for c in centred]
