# my solution of step 3

from value import Value


def largest_number(logits):
    largest = logits[0].data
    for logit in logits:
        if logit.data > largest:
            largest = logit.data
    return largest


def softmax(logits):
    if len(logits) == 0:
        raise ValueError("there are no logits")
    largest = largest_number(logits)
    exponentials = []
    for logit in logits:
        difference = logit - largest
        exponential = difference.exp()
        exponentials.append(exponential)
    total = Value(0)
    for exponential in exponentials:
        total = total + exponential
    probabilities = []
    for exponential in exponentials:
        probability = exponential / total
        probabilities.append(probability)
    return probabilities


def cross_entropy(logits, target):
    if target < 0:
        raise IndexError("the target is negative")
    if target >= len(logits):
        raise IndexError("the target is too large")
    largest = largest_number(logits)
    total = Value(0)
    for logit in logits:
        difference = logit - largest
        total = total + difference.exp()
    logarithm = total.log()
    answer = logarithm - (logits[target] - largest)
    return answer
