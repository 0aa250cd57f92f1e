CAUSE = RuntimeError("first")
OTHER = RuntimeError("second")
CAUSE.__cause__, OTHER.__cause__ = OTHER, CAUSE


class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise CAUSE
