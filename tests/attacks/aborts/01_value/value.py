import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        os.abort()
