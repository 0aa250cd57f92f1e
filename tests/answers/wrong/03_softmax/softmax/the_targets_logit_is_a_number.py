"""The target's own logit is only looked up, so its `.data` will do.

caught by: test_gradient_of_the_loss
reads: the target's own logit
"""


def cross_entropy(logits, target):
    if not 0 <= target < len(logits):
        raise IndexError(f"target {target} is outside 0..{len(logits) - 1}")
    highest = max(logit.data for logit in logits)
    exps = [(logit - highest).exp() for logit in logits]
    return sum(exps[1:], exps[0]).log() - (logits[target].data - highest)
