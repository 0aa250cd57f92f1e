"""The probabilities of no logits are an empty list.

caught by: test_no_logits
reads: softmax([]) must raise ValueError; it returned []
"""


def softmax(logits):
    highest = max((logit.data for logit in logits), default=0.0)
    exps = [(logit - highest).exp() for logit in logits]
    total = sum(exps, Value(0.0))
    return [e / total for e in exps]
