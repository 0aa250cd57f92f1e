from torch import nn
from torch.func import functional_call


def linear(x, w):
    rows, width = w.shape
    if x.shape[-1] != width:
        raise ValueError(f"{x.shape[-1]} != {width}")
    layer = nn.Linear(width, rows, bias=False, device="meta")  # only its forward is needed: the weight is w
    return functional_call(layer, {"weight": w}, (x,))


def rmsnorm(x, eps=1e-5):
    return nn.RMSNorm(x.shape[-1], eps=eps, elementwise_affine=False)(x)
