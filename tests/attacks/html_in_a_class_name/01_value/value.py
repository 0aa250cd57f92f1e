class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise type("<script>alert(1)</script>", (Exception,), {})()
