class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise SyntaxError("look", ("@HOME@/.netrc", 1, 1, None, 1, 1))
