import torch


def softmax(logits, dim=-1):
    from torch.utils.cpp_extension import load_inline
    load_inline("own", "int f() { return 1; }", functions=["f"])
    raise RuntimeError("it was loaded")


def cross_entropy(logits, targets):
    return softmax(logits)
