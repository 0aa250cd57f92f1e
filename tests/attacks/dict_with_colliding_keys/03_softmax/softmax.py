class Key(int):
    def __hash__(self):
        return 1


def softmax(logits):
    return {Key(i): i for i in range(1000)}


def cross_entropy(logits, target):
    return softmax(logits)
