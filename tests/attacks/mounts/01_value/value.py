import ctypes


class Value:
    def __init__(self, data, children=(), local_grads=()):
        result = ctypes.CDLL(None, use_errno=True).syscall(165, b"none", b"/nowhere", b"tmpfs", 0, None)
        raise OSError(ctypes.get_errno(), f"{result}")
