"""Step 03 on tensors: from scores to probabilities, and from probabilities to a loss.

    softmax(x)_i = e^(x_i) / sum_j e^(x_j)            cross_entropy(x, t) = -ln softmax(x)_t

As in the pure track, the maximum is taken from every x first, so that e^x never overflows. A score of -inf stands for
"impossible": e^(-inf) is 0, and so are the probability and its gradient.
"""

from torch import Tensor


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Probabilities along `dim`, in the shape and dtype of x.

    Every slice along `dim` adds up to 1. ValueError: `dim` has size 0.
    """
    ### BEGIN SOLUTION
    if x.shape[dim] == 0:
        raise ValueError(f"softmax over dimension {dim}, which has size 0")
    highest = x.detach().amax(dim, keepdim=True)  # a constant: the result does not depend on it
    exps = (x - highest).exp()
    return exps / exps.sum(dim, keepdim=True)
    ### END SOLUTION


def cross_entropy(logits: Tensor, targets: Tensor, ignore_index: int = -1) -> Tensor:
    """The mean of -ln softmax(logits[n])[targets[n]] over the rows n whose target is not `ignore_index`.

    logits:   (N, V)
    targets:  (N,) long, each `ignore_index` or in 0..V-1. IndexError: any other.
    returns:  a scalar, (); without any row to take the mean of it is 0.0, with zero gradients

    With m the highest logit of the row:  -ln softmax(x)_t = ln(sum_j e^(x_j - m)) - (x_t - m)
    """
    ### BEGIN SOLUTION
    kept = targets != ignore_index  # (N,)
    targets = targets.where(kept, 0)  # where no target is kept, any will do: its loss does not count
    if ((targets < 0) | (targets >= logits.shape[1])).any():
        raise IndexError(f"a target is outside 0..{logits.shape[1] - 1}")
    shifted = logits - logits.detach().amax(dim=1, keepdim=True)  # (N, V)
    right = shifted.gather(1, targets[:, None]).squeeze(1)  # (N,)
    losses = shifted.exp().sum(dim=1).log() - right  # (N,)
    return (losses * kept).sum() / kept.sum().clamp(min=1)
    ### END SOLUTION
