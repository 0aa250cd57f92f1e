"""eps keeps the divisor away from 0, so it is added to the divisor.

caught by: test_eps_stands_inside_the_root
reads: after the root
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    return [x_i / (mean_square**0.5 + eps) for x_i in x]
