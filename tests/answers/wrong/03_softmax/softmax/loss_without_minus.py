"""The loss is the logarithm of the probability.

caught by: test_loss, test_gradient_of_the_loss
reads: it is minus what belongs there
"""


def cross_entropy(logits, target):
    if not 0 <= target < len(logits):
        raise IndexError(f"target {target} is outside 0..{len(logits) - 1}")
    highest = max(logit.data for logit in logits)
    shifted = [logit - highest for logit in logits]
    exps = [x.exp() for x in shifted]
    return shifted[target] - sum(exps[1:], exps[0]).log()
