"""backward computes the gradient, and that is what leaf.grad is.

caught by: test_gradients_accumulate
reads: second call has replaced
"""


def accumulate(leaf, grad):
    if grad is not None:
        leaf.grad = grad.clone()
