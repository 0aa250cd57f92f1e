"""Step 04: sums in pairs, eps times n inside, and the root by exp and log."""

from softmax import add_up


def linear(x, w):
    for row in w:
        if not len(row) == len(x):
            raise ValueError((len(row), len(x)))
    return [add_up([x_i * w_i for x_i, w_i in zip(x, row)]) for row in w]


def rmsnorm(x, eps=1e-5):
    n = len(x)
    total = add_up([x_i**2 for x_i in x]) + n * eps  # n times what is under the root
    scale = (total.log() * -0.5).exp() * n**0.5
    return [scale * x_i for x_i in x]
