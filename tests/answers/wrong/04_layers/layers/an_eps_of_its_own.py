"""eps is 1e-5, always.

caught by: test_eps_stands_inside_the_root
reads: the eps that is given
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    return [x_i * (mean_square + 1e-5) ** -0.5 for x_i in x]
