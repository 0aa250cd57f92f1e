def loop(*_):
    while True:
        pass


class Value:
    def __init__(self, data, children=(), local_grads=()):
        self.data = self
        self.grad = 0.0

    __eq__ = __float__ = __bool__ = __len__ = __add__ = __mul__ = __radd__ = __repr__ = loop
