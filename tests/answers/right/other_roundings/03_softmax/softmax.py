"""Step 03: sums from the right, a reciprocal, and the maximum outside of the logarithm."""


def add_up(numbers):
    """In pairs, so that rounding errors grow slowly."""
    while len(numbers) > 1:
        pairs = [a + b for a, b in zip(numbers[::2], numbers[1::2])]
        numbers = pairs + numbers[len(pairs) * 2 :]
    return numbers[0]


def softmax(logits):
    if not logits:
        raise ValueError("softmax([])")
    largest = sorted(logit.data for logit in logits)[-1]
    exps = [(-largest + logit).exp() for logit in logits]
    reciprocal = add_up(exps) ** -1
    return [reciprocal * e for e in exps]


def cross_entropy(logits, target):
    if not -1 < target < len(logits):
        raise IndexError(target)
    largest = sorted(logit.data for logit in logits)[-1]
    log_of_sum = add_up([(logit - largest).exp() for logit in logits]).log() + largest
    return -(logits[target] - log_of_sum)
