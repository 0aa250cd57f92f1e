class Value:
    def __init__(self, data, children=(), local_grads=()):
        while True:
            pass
