"""Whoever knows the derivatives may make the Values by hand, with all logits as children.

caught by: test_only_operations_of_step_01
reads: no operation of step 01 makes it
"""

import math

from value import Value


def softmax(logits):
    if not logits:
        raise ValueError("softmax of an empty list")
    highest = max(logit.data for logit in logits)
    exps = [math.exp(logit.data - highest) for logit in logits]
    p = [e / sum(exps) for e in exps]
    return [
        Value(p_i, tuple(logits), tuple(p_i * ((i == j) - p_j) for j, p_j in enumerate(p))) for i, p_i in enumerate(p)
    ]
