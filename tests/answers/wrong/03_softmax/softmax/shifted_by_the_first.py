"""Any number may be taken from all logits, so the first one will do.

caught by: test_large_logits
reads: before taking exponentials
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    exps = [(logit - logits[0].data).exp() for logit in logits]
    total = sum(exps[1:], exps[0])
    return [e / total for e in exps]
