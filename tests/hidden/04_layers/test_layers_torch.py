"""Hidden tests of 04_layers, torch track. Each asks `probes_torch.py` for plain data and compares it.

Expected values come twice: from the reference, and from the formulas below, which are computed in plain Python.
Sizes differ from each other, except where equal ones are the point: there a wrong dimension has nothing to stop it.
"""

from __future__ import annotations

import math
from typing import Any

from grader.marking.check import Check

VALUES = "linear is wrong: output o is the sum over i of w[o, i] * x[i], for every vector of x by itself"
ROWS = "with as many rows as columns linear is wrong: is w used by rows, one row per output, or the wrong way round?"
X_GRADIENT = "linear may be right, the gradient of its x is not: it is the arriving gradient times w"
W_GRADIENT = "linear may be right, the gradient of its w is not: each row of w collects from every vector of x"
NORM = "rmsnorm is wrong: every vector along the last dimension is divided by the root of the mean of its own squares"
EPS = "rmsnorm depends wrongly on eps: it is added to the mean of the squares, inside the root"
NORM_GRADIENT = "rmsnorm may be right, its gradient is not: the root depends on x too, and passes a gradient back"
DTYPE = "float32 must give float32 and float64 float64, in values and gradients"
CHANGED = "something is changed: a tensor that was given, a gradient that arrived, or a global setting"


def tensor(shape: list[int], values: list[float], dtype: str = "float64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "values": values}


def numbers(check: Check, *shape: int, size: float = 3.0, dtype: str = "float64") -> dict[str, Any]:
    return tensor(list(shape), [check.rng.uniform(-size, size) for _ in range(math.prod(shape))], dtype)


def vectors(given: dict[str, Any]) -> list[list[float]]:
    """The vectors along the last dimension, in the order in which they stand in the flat list of values."""
    width, values = given["shape"][-1], given["values"]
    return [values[i : i + width] for i in range(0, len(values), width)]


def dot(a: list[float], b: list[float]) -> float:
    return math.fsum(p * q for p, q in zip(a, b, strict=True))


def columns(rows: list[list[float]]) -> list[list[float]]:
    return [list(column) for column in zip(*rows, strict=True)]


def product_of(x: dict[str, Any], w: dict[str, Any]) -> dict[str, Any]:
    """Every vector of x with every row of w."""
    values = [dot(row, vector) for vector in vectors(x) for row in vectors(w)]
    return tensor([*x["shape"][:-1], w["shape"][0]], values, x["dtype"])


def x_gradient_of(x: dict[str, Any], w: dict[str, Any], incoming: dict[str, Any]) -> dict[str, Any]:
    """dL/dx_i = sum_o g_o w_oi."""
    values = [dot(g, column) for g in vectors(incoming) for column in columns(vectors(w))]
    return tensor(x["shape"], values, x["dtype"])


def w_gradient_of(x: dict[str, Any], w: dict[str, Any], incoming: dict[str, Any]) -> dict[str, Any]:
    """dL/dw_oi = the sum of g_o x_i over all vectors."""
    values = [dot(g, xs) for g in columns(vectors(incoming)) for xs in columns(vectors(x))]
    return tensor(w["shape"], values, x["dtype"])


def scale(x: list[float], eps: float) -> float:
    """1 / sqrt(mean(x*x) + eps)."""
    return 1 / math.sqrt(dot(x, x) / len(x) + eps)


def normed_of(x: dict[str, Any], eps: float = 1e-5) -> dict[str, Any]:
    values = [number * scale(vector, eps) for vector in vectors(x) for number in vector]
    return tensor(x["shape"], values, x["dtype"])


def norm_gradient_of(x: dict[str, Any], incoming: dict[str, Any], eps: float = 1e-5) -> dict[str, Any]:
    """With s = 1 / sqrt(mean(x*x) + eps):  dL/dx_i = s g_i - s^3 x_i (x . g) / n."""
    values = []
    for vector, g in zip(vectors(x), vectors(incoming), strict=True):
        s = scale(vector, eps)
        values += [s * g[i] - s**3 * number * dot(vector, g) / len(vector) for i, number in enumerate(vector)]
    return tensor(x["shape"], values, x["dtype"])


def agree(check: Check, why: str, probe: str, cases: list[tuple[list, Any]], rel: float = 1e-9) -> list:
    """The learner's answers to (arguments, wanted answer) against the reference's and against the wanted ones.

    A sum of a few products of size 10 that cancels keeps an error of 1e-15 of a product: the absolute 1e-12 is for it.
    """
    got = check.same_each(probe, [args for args, _ in cases], rel=rel, why=why)
    check.close(got, [want for _, want in cases], rel=rel, why=why)
    return got


def test_outputs_of_one_vector(check: Check) -> None:
    """linear gives one output per row of w: the sum of the products of that row with x."""
    cases = []
    for n_in, n_out in ((4, 3), (3, 7), (5, 1), (1, 4), (1, 1)):
        x, w = numbers(check, n_in), numbers(check, n_out, n_in)
        cases.append(([x, w], product_of(x, w)))
    agree(check, VALUES, "product", cases)
    agree(check, "linear must take its arguments by the names x and w", "named_product", cases[:1])


def test_rows_are_outputs(check: Check) -> None:
    """Where w has as many rows as columns its rows are still the outputs."""
    cases = []
    for shape, size in (([3], 3), ([5, 4], 4), ([3, 3], 3), ([2, 4, 4], 4), ([3, 3, 3], 3)):
        x, w = numbers(check, *shape), numbers(check, size, size)
        cases.append(([x, w], product_of(x, w)))
    agree(check, ROWS, "product", cases)


def test_linear_of_any_leading_dimensions(check: Check) -> None:
    """linear works on the last dimension of x, whatever stands before it and however it lies in memory."""
    cases = []
    for shape, n_out in (([4, 3], 5), ([1, 3], 2), ([2, 4, 3], 5), ([3, 1, 2], 4), ([2, 3, 2, 4], 3), ([5, 2, 3], 2)):
        x, w = numbers(check, *shape), numbers(check, n_out, shape[-1])
        cases.append(([x, w], product_of(x, w)))
    x, w = {**numbers(check, 2, 4, 3), "layout": "strided"}, {**numbers(check, 5, 3), "layout": "strided"}
    cases += [([x, w], product_of(x, w)), ([x, numbers_of(w)], product_of(x, w))]
    why = "linear is wrong for a tensor of several dimensions: each vector along the last one is treated by itself"
    agree(check, why, "product", cases)


def numbers_of(given: dict[str, Any]) -> dict[str, Any]:
    """The same tensor, its elements side by side in memory."""
    return {key: value for key, value in given.items() if key != "layout"}


def test_gradient_of_x(check: Check) -> None:
    """The gradient of linear's x is the arriving gradient times w, for every vector by itself."""
    cases = []
    for shape, n_out in (([3], 5), ([4, 3], 2), ([2, 4, 3], 5), ([3, 3], 3)):
        x, w, incoming = numbers(check, *shape), numbers(check, n_out, shape[-1]), numbers(check, *shape[:-1], n_out)
        cases.append(([x, w, incoming, len(shape) > 1], x_gradient_of(x, w, incoming)))
    agree(check, X_GRADIENT, "gradient_of_x", cases)


def test_gradient_of_w(check: Check) -> None:
    """The gradient of linear's w is the sum, over all vectors of x, of arriving gradient times x."""
    cases = []
    for shape, n_out in (([3], 5), ([4, 3], 2), ([2, 4, 3], 5), ([2, 3, 2, 4], 3), ([3, 3], 3)):
        x, w, incoming = numbers(check, *shape), numbers(check, n_out, shape[-1]), numbers(check, *shape[:-1], n_out)
        cases.append(([x, w, incoming, len(shape) > 1], w_gradient_of(x, w, incoming)))
    agree(check, W_GRADIENT, "gradient_of_w", cases)


def test_lengths_that_do_not_fit(check: Check) -> None:
    """Vectors of x not as long as the rows of w raise ValueError, also where torch finds a way; others do not."""
    check.learner("product", numbers(check, 2, 4), numbers(check, 3, 4))
    cases = [([3], [5, 4]), ([4], [5, 3]), ([2, 3], [3, 5]), ([1], [5, 4]), ([2, 1], [5, 4]), ([4], [5, 1])]
    cases += [([2, 4], [4, 1]), ([2, 6], [4, 3]), ([2, 3], [4, 6]), ([4, 3, 2], [5, 3]), ([3, 4], [4, 3])]
    for x, w in cases:
        check.raises(ValueError, "product", numbers(check, *x), numbers(check, *w))


def test_vectors_are_normed(check: Check) -> None:
    """rmsnorm divides a vector by the root of the mean of its squares: that of the result is 1."""
    tensors = [numbers(check, width) for width in (4, 3, 7, 1)]
    tensors.append(tensor([4], [check.rng.uniform(5, 9) for _ in range(4)]))  # the mean of x is not taken away
    cases = [([given, None], normed_of(given)) for given in tensors]
    for got in agree(check, NORM, "normed", cases)[-1:]:
        # eps=1e-5 beside squares of 25 and more: it takes less than 4e-7 away
        check.close(dot(got["values"], got["values"]) / 4, 1.0, rel=1e-4, why=NORM)


def test_every_vector_has_its_own_norm(check: Check) -> None:
    """rmsnorm works along the last dimension, whatever stands before it: no vector's result depends on another."""
    tensors = [numbers(check, *shape) for shape in ([2, 3], [4, 4], [3, 3, 3], [2, 4, 3], [3, 1], [2, 3, 2, 4])]
    rows = [check.rng.uniform(-3, 3) * size for size in (1.0, 100.0, 0.01) for _ in range(3)]
    tensors += [tensor([3, 3], rows), {**numbers(check, 2, 4, 3), "layout": "strided"}]
    why = "rmsnorm is wrong for several vectors: is the mean taken over the last dimension only, and kept beside it?"
    agree(check, why, "normed", [([given, None], normed_of(given)) for given in tensors])


def test_eps(check: Check) -> None:
    """eps is added to the mean of the squares, inside the root; it is 1e-5 unless another is given."""
    cases = []
    for eps, size in ((0.3, 0.5), (2.0, 3.0), (1e-5, 0.003), (1e-3, 1e-4)):
        given = numbers(check, 2, 3, size=size)
        cases.append(([given, eps], normed_of(given, eps)))
    small = numbers(check, 2, 4, size=0.005)
    agree(check, EPS, "normed", [*cases, ([small, None], normed_of(small))])
    agree(check, "rmsnorm must take its arguments by the names x and eps", "named_normed", cases[:1])


def test_gradient_of_rmsnorm(check: Check) -> None:
    """The gradient of rmsnorm is s g - s^3 x (x . g) / n, with s = 1 / sqrt(mean(x*x) + eps), for each vector."""
    cases = []
    for shape, eps in (([4], None), ([3, 5], None), ([3, 3], None), ([2, 4, 3], None), ([2, 3], 0.4), ([1], 0.7)):
        x, incoming = numbers(check, *shape), numbers(check, *shape)
        cases.append(([x, eps, incoming], norm_gradient_of(x, incoming, 1e-5 if eps is None else eps)))
    agree(check, NORM_GRADIENT, "gradient_of_normed", cases)


def test_a_vector_of_zeros(check: Check) -> None:
    """A vector of zeros stays one, and its gradient is the arriving one over sqrt(eps): finite in both."""
    why = "a vector of zeros must give zeros and a finite gradient: eps keeps the root away from 0"
    x, incoming = numbers(check, 3, 4), numbers(check, 3, 4)
    x["values"][4:8] = [0.0] * 4
    agree(check, why, "normed", [([x, None], normed_of(x)), ([x, 0.2], normed_of(x, 0.2))])
    cases = [([x, eps, incoming], norm_gradient_of(x, incoming, eps)) for eps in (1e-5, 0.2)]
    agree(check, why, "gradient_of_normed", cases)


def test_dtypes(check: Check) -> None:
    """float32 gives float32 and float64 float64, in values and in gradients."""
    # float32 rounds each product, of size 10 here, by 6e-7, which stays where a sum cancels; float64 judges the formula
    for dtype, rel, abs_ in (("float32", 1e-3, 1e-3), ("float64", 1e-9, 1e-12)):
        shapes = ((2, 4), (3, 4), (2, 3), (2, 4))
        x, w, incoming, other = (numbers(check, *shape, dtype=dtype) for shape in shapes)
        for probe, args in (
            ("product", [x, w]),
            ("gradient_of_x", [x, w, incoming, True]),
            ("gradient_of_w", [x, w, incoming, True]),
            ("normed", [x, None]),
            ("gradient_of_normed", [x, None, other]),
        ):
            check.same(probe, *args, rel=rel, abs=abs_, why=DTYPE)


def test_nothing_else_is_changed(check: Check) -> None:
    """Neither the inputs, nor the gradients that arrive, nor any global setting are changed."""
    x, w, incoming = numbers(check, 2, 3, 4), numbers(check, 5, 4), numbers(check, 2, 3, 5)
    got = check.same("after", x, w, incoming, why=CHANGED)
    check.close([got["x"], got["w"], got["incoming"], got["settings"]], [x, w, incoming, []], why=CHANGED)
    check.close(got["without"], [x, w], why=CHANGED)
