"""The sum below the line is only a number to divide by, and needs no graph.

caught by: test_gradients_of_probabilities
reads: below the line
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    highest = max(logit.data for logit in logits)
    exps = [(logit - highest).exp() for logit in logits]
    total = sum(e.data for e in exps)
    return [e / total for e in exps]
