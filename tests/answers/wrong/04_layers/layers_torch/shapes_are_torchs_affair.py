"""torch refuses shapes that do not fit, so there is nothing to look at.

caught by: test_lengths_that_do_not_fit
reads: it raised RuntimeError
"""


def linear(x, w):
    return x @ w.T
