"""The sum only makes the numbers add up to 1, so it is a constant.

caught by: test_gradient_of_softmax
reads: through the sum
"""


def softmax(x, dim=-1):
    if x.shape[dim] == 0:
        raise ValueError("nothing to share out")
    exps = (x - x.detach().amax(dim, keepdim=True)).exp()
    return exps / exps.detach().sum(dim, keepdim=True)
