"""A loss is a mean, so the loss is divided by the number of logits.

caught by: test_loss, test_gradient_of_the_loss
reads: divided by the number of logits
"""


def cross_entropy(logits, target):
    if not 0 <= target < len(logits):
        raise IndexError(f"target {target} is outside 0..{len(logits) - 1}")
    highest = max(logit.data for logit in logits)
    shifted = [logit - highest for logit in logits]
    exps = [x.exp() for x in shifted]
    return (sum(exps[1:], exps[0]).log() - shifted[target]) / len(logits)
