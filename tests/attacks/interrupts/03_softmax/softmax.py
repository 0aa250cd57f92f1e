KINDS = KeyboardInterrupt, GeneratorExit, StopIteration


def softmax(logits):
    raise KINDS[len(logits) % 3]


def cross_entropy(logits, target):
    return softmax(logits)
