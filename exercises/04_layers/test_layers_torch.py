"""Tests of 04_layers, torch track: run them with `pytest exercises/04_layers/test_layers_torch.py`.

They go from the plainest property to the whole: the first that fails is the one to look at first.
"""

import math

import expect
import torch

# What is to be written in this step: torch's own versions
OWN = ("linear", "rms_norm", "_fused_rms_norm", "layer_norm", "native_layer_norm")
W = [[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]  # two outputs of three inputs


def tensor(numbers, grad=False):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def rmsnorm(x, eps=1e-5):
    root = math.sqrt(mean_square(x) + eps)
    return [number / root for number in x]


def mean_square(x):
    return sum(number * number for number in x) / len(x)


def test_linear_of_one_vector(layers_torch):
    """linear gives one output for each row of w: the sum of the products of that row with x."""
    with expect.no_calls(*OWN):
        got = layers_torch.linear(tensor([2.0, -1.0, 4.0]), tensor(W))
    expect.tensor(got, (2,), "linear of 3 numbers and 2 rows", torch.float64)
    slips = [([-4 / 3, 13 / 3], "that is divided by the number of inputs: a weighted sum is no mean")]
    expect.close(got, [-4.0, 13.0], "linear(x, w)", slips=slips)


def test_rows_are_outputs(layers_torch):
    """A square w is still used by rows: with its columns in their place the numbers below would differ."""
    got = layers_torch.linear(x=tensor([3.0, -2.0]), w=tensor([[1.0, 5.0], [4.0, 0.5]]))
    slips = [([-5.0, 14.0], "columns of w are used: outputs belong to the rows of w")]
    expect.close(got, [-7.0, 11.0], "linear(x, w) of a square w", slips=slips)


def test_linear_of_a_batch(layers_torch):
    """Every vector along the last dimension is treated by itself, whatever stands before that dimension."""
    vectors = [[2.0, -1.0, 4.0], [1.0, 0.0, 0.0], [0.0, 3.0, 1.0], [-1.0, 1.0, 2.0]]
    want = [[-4.0, 13.0], [1.0, 0.5], [5.0, 3.0], [-1.0, 5.5]]
    expect.close(layers_torch.linear(tensor(vectors), tensor(W)), want, "linear of shape (4, 3)")
    expect.close(layers_torch.linear(tensor(vectors[:3]), tensor(W)), want[:3], "linear of shape (3, 3)")
    pairs = tensor(vectors).reshape(2, 2, 3)
    got = layers_torch.linear(pairs, tensor(W))
    if type(got) is torch.Tensor and got.shape == (4, 2):
        raise expect.Failure("linear of shape (2, 2, 3) has shape (4, 2): the dimensions before the last must stay")
    expect.close(got, [want[:2], want[2:]], "linear of shape (2, 2, 3)")
    got = layers_torch.linear(pairs.transpose(0, 1), tensor(W))
    expect.close(got, [want[::2], want[1::2]], "linear of a transposed x")


def test_gradient_of_the_vectors(layers_torch):
    """What reaches x is the arriving gradient times w."""
    x = tensor([[2.0, -1.0, 4.0], [1.0, 0.0, 5.0]], grad=True)
    got = layers_torch.linear(x, tensor(W))
    assert got.requires_grad, "linear(x, w) is not connected to x: no gradient can reach it"
    got.backward(tensor([[1.0, 10.0], [-2.0, 0.0]]))
    expect.close(x.grad, [[6.0, 2.0, 29.0], [-2.0, -4.0, 2.0]], "the gradient of linear's x")


def test_gradient_of_the_rows(layers_torch):
    """What reaches w is the arriving gradient times x, added up over all vectors."""
    w = tensor(W, grad=True)
    got = layers_torch.linear(tensor([[2.0, -1.0, 4.0], [1.0, 0.0, 5.0]]), w)
    assert got.requires_grad, "linear(x, w) is not connected to w: no gradient can reach it"
    got.backward(tensor([[1.0, 10.0], [-2.0, 3.0]]))
    expect.close(w.grad, [[0.0, -1.0, -6.0], [23.0, -10.0, 55.0]], "the gradient of linear's w")


def test_lengths_that_do_not_fit(layers_torch):
    """Vectors that are not as long as the rows of w raise ValueError, also where torch would find a way."""
    for x, w in (((2, 3), (5, 4)), ((2, 3), (3, 5)), ((2, 1), (5, 4)), ((2, 4), (5, 1)), ((4, 3, 2), (5, 3))):
        what = f"linear of shapes {x} and {w}"
        numbers = (torch.arange(1.0, 1 + math.prod(shape)).reshape(shape) for shape in (x, w))
        expect.error(ValueError, what, layers_torch.linear, *numbers)


def test_rmsnorm_of_one_vector(layers_torch):
    """rmsnorm divides by the root of the mean of the squares; the mean of the numbers themselves stays in."""
    numbers = [3.0, 5.0, -1.0, 4.0]
    with expect.no_calls(*OWN):
        got = layers_torch.rmsnorm(tensor(numbers))
    expect.tensor(got, (4,), "rmsnorm of a float64 tensor", torch.float64)
    centred = [number - 2.75 for number in numbers]
    slips = [
        (rmsnorm(centred), "the mean is taken away first: that is another norm"),
        ([number / math.sqrt(51.0 + 1e-5) for number in numbers], "divide by the root of the mean, not of their sum"),
        (
            [number / (12.75 + 1e-5) for number in numbers],
            "that is divided by the mean of the squares without its root",
        ),
    ]
    expect.close(got, rmsnorm(numbers), "rmsnorm(x)", slips=slips)
    # eps is a part in a million of the mean of squares, which is 12.75 here
    expect.close((got * got).mean(), 1.0, "the mean of the squares of rmsnorm(x)", rel=1e-6)


def test_every_vector_has_its_own_norm(layers_torch):
    """Small vectors beside large ones are scaled by their own root, also where x is square."""
    rows = [[3.0, -4.0, 1.0], [300.0, 500.0, -100.0], [0.02, 0.01, 0.05]]
    want = [rmsnorm(row) for row in rows]
    roots = [math.sqrt(mean_square(row) + 1e-5) for row in rows]
    over_all = math.sqrt(sum(mean_square(row) for row in rows) / 3 + 1e-5)
    slips = [
        ([[a / over_all for a in row] for row in rows], "there is one root for all: each vector has its own"),
        (
            [[a / root for a, root in zip(row, roots)] for row in rows],
            "the roots stand in a row and divide columns: their dimension has to be kept",
        ),
    ]
    expect.close(layers_torch.rmsnorm(tensor(rows)), want, "rmsnorm of shape (3, 3)", slips=slips)
    expect.close(layers_torch.rmsnorm(tensor([rows, rows[::-1]])), [want, want[::-1]], "rmsnorm of shape (2, 3, 3)")


def test_eps(layers_torch):
    """eps is added inside the root; it is 1e-5 unless another is given."""
    numbers = [0.3, -0.5, 0.1]
    root = math.sqrt(mean_square(numbers))
    slips = [
        ([a / (root + 0.2) for a in numbers], "eps is added after the root: it belongs under it"),
        (rmsnorm(numbers), "that is the result for 1e-5: the eps that is given counts"),
    ]
    got = layers_torch.rmsnorm(tensor(numbers), eps=0.2)
    expect.close(got, rmsnorm(numbers, 0.2), "rmsnorm(x, eps=0.2)", slips=slips)
    numbers = [0.003, -0.001, 0.002]
    expect.close(layers_torch.rmsnorm(tensor(numbers)), rmsnorm(numbers), "rmsnorm of small numbers")


def test_gradient_of_rmsnorm(layers_torch):
    """The gradient that reaches x is s g - s^3 x (x . g) / n, with s = 1 / sqrt(mean(x*x) + eps)."""
    rows, arriving = [[3.0, 5.0, -1.0], [0.5, -0.25, 2.0]], [[1.0, -2.0, 0.5], [4.0, 0.0, 1.0]]
    x = tensor(rows, grad=True)
    got = layers_torch.rmsnorm(x, 0.1)
    assert got.requires_grad, "rmsnorm(x) is not connected to x: no gradient can reach it"
    got.backward(tensor(arriving))
    want, scaled = [], []
    for row, g in zip(rows, arriving, strict=True):
        s = 1 / math.sqrt(mean_square(row) + 0.1)
        along = sum(a * b for a, b in zip(row, g, strict=True)) / 3
        want.append([s * b - s**3 * a * along for a, b in zip(row, g, strict=True)])
        scaled.append([s * b for b in g])
    slips = [(scaled, "nothing comes back through the root: it is made of x as well, and no constant")]
    expect.close(x.grad, want, "the gradient of rmsnorm", slips=slips)


def test_a_vector_of_zeros(layers_torch):
    """A vector of zeros stays one, and its gradient is the arriving one over sqrt(eps)."""
    x = tensor([[0.0, 0.0], [3.0, 4.0]], grad=True)
    got = layers_torch.rmsnorm(x, 0.01)
    expect.close(got, [[0.0, 0.0], rmsnorm([3.0, 4.0], 0.01)], "rmsnorm with a vector of zeros")
    got.backward(tensor([[1.0, -2.0], [0.0, 0.0]]))
    expect.close(x.grad, [[10.0, -20.0], [0.0, 0.0]], "the gradient of a vector of zeros")


def test_float32_stays_float32(layers_torch):
    """float32 gives float32, and the inputs are not changed."""
    x, w = torch.tensor([[2.0, -1.0, 4.0]]), torch.tensor(W)
    expect.tensor(layers_torch.linear(x, w), (1, 2), "linear of float32 tensors", torch.float32)
    expect.tensor(layers_torch.rmsnorm(x), (1, 3), "rmsnorm of a float32 tensor", torch.float32)
    expect.close(x, [[2.0, -1.0, 4.0]], "x afterwards")
    expect.close(w, W, "w afterwards")
