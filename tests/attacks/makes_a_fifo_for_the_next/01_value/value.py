import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        os.mkfifo("@CLASS@/neighbour/03_softmax/pipe.py")
