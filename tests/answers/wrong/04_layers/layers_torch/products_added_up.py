"""x times w fits by broadcasting, and is added up afterwards.

caught by: test_lengths_that_do_not_fit
reads: it raised RuntimeError
"""


def linear(x, w):
    return (x.unsqueeze(-2) * w).sum(-1)
