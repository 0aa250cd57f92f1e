"""Step 04 on tensors: the two layers that everything else is made of.

    linear(x, w)_o = sum_i w_oi x_i                   rmsnorm(x)_i = x_i / sqrt(mean(x*x) + eps)

Both work on the last dimension and treat everything before it (batch, position, ...) alike.
"""

from torch import Tensor


def linear(x: Tensor, w: Tensor) -> Tensor:
    """The matrix product of every vector of x with w, without a bias.

    x:        (..., I)
    w:        (O, I), one row per output. ValueError: its rows are not as long as the vectors of x.
    returns:  (..., O)
    """
    raise NotImplementedError("04_layers: write linear() in layers_torch.py")


def rmsnorm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """x / sqrt(mean(x*x) + eps) over the last dimension (Zhang and Sennrich, 2019).

    x:        (..., C); so is the result
    eps:      keeps the root away from 0 where a whole vector is
    """
    raise NotImplementedError("04_layers: write rmsnorm() in layers_torch.py")
