"""The gradient that arrives can be stored as it is.

caught by: test_gradients_are_tensors_of_their_own
reads: share one tensor
"""


def accumulate(leaf, grad):
    if grad is not None:
        leaf.grad = grad if leaf.grad is None else leaf.grad + grad
