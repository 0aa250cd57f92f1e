import torch


class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        return a * 0 + b * 0

    @staticmethod
    def backward(ctx, grad):
        while True:
            pass


add = Add.apply
