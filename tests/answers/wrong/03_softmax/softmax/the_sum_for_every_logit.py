"""The formula is written down as it stands, with its sum in it, once for every logit.

caught by: test_the_graph_of_softmax_grows_linearly
reads: grows faster than its logits
"""


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    highest = max(logit.data for logit in logits)
    exps = [(logit - highest).exp() for logit in logits]
    return [e / sum(exps[1:], exps[0]) for e in exps]
