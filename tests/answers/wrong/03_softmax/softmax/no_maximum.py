"""The maximum cancels out above and below the line, so it may as well be left out.

caught by: test_large_logits
reads: before taking exponentials
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    exps = [logit.exp() for logit in logits]
    total = sum(exps[1:], exps[0])
    return [e / total for e in exps]
