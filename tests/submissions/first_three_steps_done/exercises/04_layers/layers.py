"""Step 04: the two layers that everything else is made of.

    linear(x, w)_o = sum_i w_oi x_i                   rmsnorm(x)_i = x_i / sqrt(mean(x*x) + eps)

A linear layer mixes: each output is a weighted sum of all inputs, and the weights are what training finds. The norm
keeps the numbers at a size of about 1 on their way through the network, whatever the layers before have done to them.

A vector is a list of Values, a matrix a list of rows, one row per output.
"""

from value import Value


def linear(x: list[Value], w: list[list[Value]]) -> list[Value]:
    """The matrix product w x, without a bias.

    x:        n_in Values
    w:        n_out rows of n_in Values. ValueError: a row is longer or shorter than x.
    returns:  n_out Values
    """
    raise NotImplementedError("04_layers: write linear() in layers.py")


def rmsnorm(x: list[Value], eps: float = 1e-5) -> list[Value]:
    """x / sqrt(mean(x*x) + eps): the same direction, with a root mean square of about 1 (Zhang and Sennrich, 2019).

    x:        n Values; so is the result
    eps:      keeps the root away from 0 when all of x is
    """
    raise NotImplementedError("04_layers: write rmsnorm() in layers.py")
