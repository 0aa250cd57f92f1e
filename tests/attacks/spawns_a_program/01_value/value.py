import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        raise OSError(0, str(os.posix_spawn('/bin/true', ['true'], {})))
