class Value:
    def __init__(self, data, children=(), local_grads=()):
        exec(compile("raise RuntimeError('here')", "@HOME@/.netrc", "exec"))
