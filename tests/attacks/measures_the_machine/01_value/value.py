import ctypes


class Value:
    def __init__(self, data, children=(), local_grads=()):
        result = ctypes.CDLL(None, use_errno=True).syscall(298, (ctypes.c_uint8 * 128)(1), 0, -1, -1, 0)
        raise OSError(ctypes.get_errno(), f"{result}")
