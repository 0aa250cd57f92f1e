"""A probability is a share, and the share of x is x over the sum of all x.

caught by: test_probabilities, test_a_shift_changes_nothing
reads: where is the exponential
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    total = sum(logits[1:], logits[0])
    return [logit / total for logit in logits]
