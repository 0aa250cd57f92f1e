import threading


def spin():
    while True:
        pass


class Value:
    def __init__(self, data, children=(), local_grads=()):
        threading.Thread(target=spin, daemon=True).start()
        raise RuntimeError(f"{threading.active_count()} threads")
