class Endless(Exception):
    def __str__(self):
        while True:
            pass


class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise Endless()
