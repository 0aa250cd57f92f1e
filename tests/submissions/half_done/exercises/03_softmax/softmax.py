"""Step 03: from scores to probabilities, and from a probability to a loss.

    softmax(x)_i = e^(x_i) / sum_j e^(x_j)            cross_entropy(x, t) = -ln softmax(x)_t

Both are unchanged when one number is taken from every x. Taking the maximum keeps every exponent at or below 0, so
that e^x never overflows.
"""

from value import Value


def softmax(logits: list[Value]) -> list[Value]:
    """Positive probabilities that add up to 1, one per logit.

    logits: finite Values within +-1e4. ValueError: the list is empty.
    The graph grows linearly with the number of logits, and is made of the operations of step 01 only.
    """
    raise NotImplementedError("03_softmax: write softmax() in softmax.py")


def cross_entropy(logits: list[Value], target: int) -> Value:
    """-ln of the probability that softmax gives to `logits[target]`.

    With m the highest logit:  -ln softmax(x)_t = ln(sum_j e^(x_j - m)) - (x_t - m)
    In this form the loss is finite, and its gradient softmax(x) - onehot(t) right, even where the probability itself
    is too small for a float. IndexError: target is outside 0..n-1 (negative too).
    """
    raise NotImplementedError("03_softmax: write cross_entropy() in softmax.py")
