class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise RuntimeError("x" * 10_000_000)
