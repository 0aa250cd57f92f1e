"""The exponentials are divided by their number, as for a mean.

caught by: test_probabilities, test_probabilities_add_up_to_one
reads: by the number of logits
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    exps = [logit.exp() for logit in logits]
    return [e / len(exps) for e in exps]
