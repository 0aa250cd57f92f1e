"""A small number inside the logarithm keeps it away from ln 0, and changes nothing else.

caught by: test_loss_where_the_probability_underflows
reads: hides how bad
"""


def cross_entropy(logits, target):
    if not 0 <= target < len(logits):
        raise IndexError(f"target {target} is outside 0..{len(logits) - 1}")
    return -(softmax(logits)[target] + 1e-12).log()
