class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise RuntimeError("</span><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}")
