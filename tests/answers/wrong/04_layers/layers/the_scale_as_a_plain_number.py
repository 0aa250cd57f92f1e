"""The scale is one number for all, which is only multiplied by.

caught by: test_gradients_of_rmsnorm
reads: no gradient comes through the mean
"""


def rmsnorm(x, eps=1e-5):
    squares = [x_i * x_i for x_i in x]
    mean_square = sum(squares[1:], squares[0]) / len(x)
    scale = (mean_square.data + eps) ** -0.5
    return [x_i * scale for x_i in x]
