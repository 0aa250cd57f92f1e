"""The loss is -ln p, and p is what softmax gives.

caught by: test_loss_where_the_probability_underflows
reads: the probability itself is 0
"""


def cross_entropy(logits, target):
    if not 0 <= target < len(logits):
        raise IndexError(f"target {target} is outside 0..{len(logits) - 1}")
    return -softmax(logits)[target].log()
