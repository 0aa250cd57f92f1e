import os


class Value:
    def __init__(self, data, children=(), local_grads=()):
        made = 0
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "."):
            try:
                with open(f"{folder}/from-a-hand-in", "x"):
                    made += 1
                os.remove(f"{folder}/from-a-hand-in")
            except OSError:
                pass
        if not made:
            raise PermissionError("made none")
