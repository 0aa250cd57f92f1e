"""The list is there already, so the results go into it.

caught by: test_inputs_are_left_alone
reads: x is not the list of the same Values any more
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    scale = (mean_square + eps) ** -0.5
    for i in range(len(x)):
        x[i] = x[i] * scale
    return x
