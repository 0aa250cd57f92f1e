"""Tests of 03_softmax, torch track: run them with `pytest exercises/03_softmax/test_softmax_torch.py`.

They go from the plainest property to the whole: the first that fails is the one to look at first.
"""

import math

import expect
import torch

INF = math.inf
# What is to be written in this step: torch's own versions
OWN = ("_softmax", "softmax", "_safe_softmax", "_log_softmax", "log_softmax", "softmin", "logsumexp")
OWN += ("nll_loss_forward", "nll_loss", "cross_entropy", "cross_entropy_loss")


def tensor(numbers, grad=False):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def softmax(numbers):
    exps = [math.exp(x - max(numbers)) for x in numbers]
    return [e / sum(exps) for e in exps]


def test_probabilities_are_right(softmax_torch):
    """softmax is e^x over the sum of e^x along the last dimension."""
    rows = [[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]]
    lost = "a maximum or a sum has lost its dimension: does each number still stand beside its own slice?"
    with expect.no_calls(*OWN), expect.slip(RuntimeError, lost):
        got = softmax_torch.softmax(tensor(rows))
    expect.close(expect.tensor(got, (2, 3), "softmax(x)", torch.float64), [softmax(row) for row in rows], "softmax(x)")
    expect.close(got.sum(-1), [1.0, 1.0], "the sums of the rows of softmax(x)")


def test_another_dimension(softmax_torch):
    """softmax(x, dim=0) works along the columns."""
    rows = [[1.0, 0.5], [2.0, -1.0], [4.0, 0.0]]
    got = softmax_torch.softmax(tensor(rows), dim=0)
    columns = [softmax([1.0, 2.0, 4.0]), softmax([0.5, -1.0, 0.0])]
    slips = [([softmax(row) for row in rows], "that is softmax along the last dimension: dim is not used")]
    expect.close(got, [list(row) for row in zip(*columns, strict=True)], "softmax(x, dim=0)", slips=slips)


def test_large_logits(softmax_torch):
    """Logits of 10,000 do not overflow, and a row of small ones is not lost beside a row of large ones."""
    rows = [[1e4, 1e4 - 1, -1e4], [-1e4, -1e4 + 2, -1e4 - 1]]
    got = softmax_torch.softmax(tensor(rows))
    nan = "softmax of large logits is nan: e^10000 is infinite, so is the maximum of each slice taken away first?"
    assert not got.isnan().any(), nan
    expect.close(got, [softmax(row) for row in rows], "softmax of large logits")


def test_gradient_of_softmax(softmax_torch):
    """The gradient that reaches x is p (g - sum of p g) when g arrives."""
    numbers, arriving = [1.0, 2.0, 4.0, 0.5], [0.3, -1.0, 2.0, 5.0]
    x = tensor(numbers, grad=True)
    got = softmax_torch.softmax(x)
    assert got.requires_grad, "softmax(x) is not connected to x: no gradient can reach it"
    got.backward(tensor(arriving))
    p = softmax(numbers)
    mean = sum(a * b for a, b in zip(p, arriving, strict=True))
    alone = [a * g for a, g in zip(p, arriving, strict=True)]
    slips = [(alone, "nothing comes back through the sum, which is made of every x")]
    want = [a * (g - mean) for a, g in zip(p, arriving, strict=True)]
    expect.close(x.grad, want, "the gradient of softmax", slips=slips)


def test_minus_infinity(softmax_torch):
    """An entry of -inf gets probability 0 and gradient 0, and the others are as if it were not there."""
    x = tensor([[1.0, -INF, 3.0], [-INF, -INF, 2.0]], grad=True)
    got = softmax_torch.softmax(x)
    first = softmax([1.0, 3.0])
    expect.close(got, [[first[0], 0.0, first[1]], [0.0, 0.0, 1.0]], "softmax of a row with -inf")
    (got * tensor([[2.0, 7.0, -1.0], [3.0, 1.0, 5.0]])).sum().backward()
    slope = 3.0 * first[0] * first[1]  # p0 (2 - (2 p0 - p1)) = 3 p0 p1
    expect.close(x.grad, [[slope, 0.0, -slope], [0.0, 0.0, 0.0]], "the gradient beside -inf")


def test_an_empty_dimension(softmax_torch):
    """softmax along a dimension of size 0 raises ValueError."""
    expect.error(ValueError, "softmax of shape (0,)", softmax_torch.softmax, torch.zeros(0))
    expect.error(ValueError, "softmax of shape (0, 3), dim=0", softmax_torch.softmax, torch.zeros(0, 3), 0)


def test_cross_entropy_is_right(softmax_torch):
    """cross_entropy is the mean of -ln softmax(row)[target]."""
    rows, targets = [[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]], torch.tensor([0, 2])
    with expect.no_calls(*OWN):
        got = softmax_torch.cross_entropy(tensor(rows), targets)
    want = -(math.log(softmax(rows[0])[0]) + math.log(softmax(rows[1])[2])) / 2
    slips = [(2 * want, "that is the sum of both losses: the mean is asked for")]
    found = expect.tensor(got, (), "cross_entropy(logits, targets)", torch.float64)
    expect.close(found, want, "cross_entropy", slips=slips)


def test_gradient_of_cross_entropy(softmax_torch):
    """The gradient of cross_entropy is (softmax - onehot) / N."""
    rows = [[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]]
    logits = tensor(rows, grad=True)
    softmax_torch.cross_entropy(logits, torch.tensor([0, 2])).backward()
    (a, b, c), (d, e, f) = softmax(rows[0]), softmax(rows[1])
    expect.close(logits.grad, [[(a - 1) / 2, b / 2, c / 2], [d / 2, e / 2, (f - 1) / 2]], "the gradient")


def test_a_probability_that_underflows(softmax_torch):
    """Where the target's probability is too small for a float, the loss is the gap, and its gradient is right."""
    logits = tensor([[2000.0, 1.0, 500.0]], grad=True)
    loss = softmax_torch.cross_entropy(logits, torch.tensor([1]))
    assert loss.isfinite(), "the loss is infinite, the logarithm of a probability of 0: simplify ln(e^x / sum) first"
    slips = [(-math.log(1e-12), "that is -ln 1e-12: a number added to the probability hides how wrong it is")]
    expect.close(loss, 1999.0, "cross_entropy of [2000, 1, 500] for target 1", slips=slips)
    loss.backward()
    expect.close(logits.grad, [[1.0, -1.0, 0.0]], "its gradient")


def test_ignored_targets(softmax_torch):
    """Rows whose target is ignore_index count neither in the sum nor in the number of rows."""
    rows = [[1.0, 2.0, 4.0], [9.0, 9.5, -3.0], [0.5, -1.0, 0.0]]
    logits = tensor(rows, grad=True)
    loss = softmax_torch.cross_entropy(logits, torch.tensor([0, -1, 2]))
    want = -(math.log(softmax(rows[0])[0]) + math.log(softmax(rows[2])[2])) / 2
    slips = [(want * 2 / 3, "the ignored row adds nothing, but is counted among the rows")]
    expect.close(loss, want, "cross_entropy with a target of -1", slips=slips)
    loss.backward()
    expect.close(logits.grad[1], [0.0, 0.0, 0.0], "the gradient of the ignored row")
    loss = softmax_torch.cross_entropy(tensor(rows), torch.tensor([0, 1, 2]), ignore_index=1)
    all_rows = (2 * want - math.log(softmax(rows[1])[1])) / 3
    slips = [(all_rows, "no row is left out: it is the ignore_index that is given that counts, 1 here")]
    expect.close(loss, want, "cross_entropy with ignore_index=1", slips=slips)


def test_targets_outside(softmax_torch):
    """Any other target outside 0..V-1 raises IndexError."""
    logits = tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]])
    for targets in ([0, 3], [-2, 1]):
        what = f"cross_entropy of 3 logits a row with targets {targets}"
        expect.error(IndexError, what, softmax_torch.cross_entropy, logits, torch.tensor(targets))


def test_no_target_kept(softmax_torch):
    """Without any target to keep the loss is 0.0, and backward gives gradients of 0."""
    logits = tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]], grad=True)
    loss = softmax_torch.cross_entropy(logits, torch.tensor([-1, -1]))
    assert not loss.isnan(), "the loss of no rows is nan, which is 0 / 0: it is 0.0"
    expect.close(loss, 0.0, "cross_entropy without a target")
    assert loss.requires_grad, "the loss is not connected to the logits: backward must work, and give zeros"
    loss.backward()
    assert logits.grad is not None, "no gradient reaches the logits: backward must give zeros"
    expect.close(logits.grad, [[0.0] * 3] * 2, "the gradient without a target")


def test_float32_stays_float32(softmax_torch):
    """float32 gives float32, and the inputs are not changed."""
    x = torch.tensor([[1.0, 2.0, 4.0]])
    expect.tensor(softmax_torch.softmax(x), (1, 3), "softmax of a float32 tensor", torch.float32)
    loss = softmax_torch.cross_entropy(x, torch.tensor([1]))
    expect.tensor(loss, (), "cross_entropy of float32 logits", torch.float32)
    expect.close(x, [[1.0, 2.0, 4.0]], "the logits afterwards")
