"""Tests of 01_value, torch track: run them with `pytest exercises/01_value/test_value_torch.py`.

They go from the plainest property to the whole: the first that fails is the one to look at first.
"""

import math

import expect
import torch


def tensor(*numbers, grad=True):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def check(what, result, want, operands, slopes, slips=()):
    """One operation: its result, then what reaches each operand when the gradients 0.5, -2, 3, ... arrive.

    slips: slopes that a mistake gives, and a sentence on it
    """
    expect.close(expect.tensor(result, operands[0].shape, what, torch.float64), want, what)
    assert result.grad_fn is not None, f"{what} has no gradient: it must come from apply of a torch.autograd.Function"
    arriving = torch.tensor([0.5, -2.0, 3.0, 1.5][: len(result)], dtype=torch.float64)
    grads = torch.autograd.grad(result, operands, arriving, allow_unused=True)
    for name, grad, slope in zip("ab", grads, slopes, strict=False):
        if grad is None:
            raise expect.Failure(f"{what} has no gradient for {name}: both factors, terms, ... have a slope")
        told = [([s * g for s, g in zip(wrong, arriving.tolist(), strict=True)], said) for wrong, said in slips]
        told.append((slope, "that is the slope alone: it is multiplied by the gradient that arrives"))
        want = [s * g for s, g in zip(slope, arriving.tolist(), strict=True)]
        found = expect.tensor(grad, result.shape, f"the gradient of {what} for {name}")
        expect.close(found, want, f"d/d{name} of {what}", slips=told)


def test_addition(value_torch):
    """Add.apply(a, b) is a + b, with slope 1 for each."""
    a, b = tensor(2.5, -1.0, 0.3), tensor(-4.0, 2.0, 1.1)
    check("Add.apply(a, b)", value_torch.Add.apply(a, b), [-1.5, 1.0, 1.4], [a, b], [[1.0] * 3, [1.0] * 3])


def test_multiplication(value_torch):
    """Mul.apply(a, b) is a * b, with slope b for a and slope a for b."""
    a, b = tensor(2.5, -1.0, 0.5), tensor(-4.0, 2.0, 1.5)
    slopes = [b.tolist(), a.tolist()]
    slips = [(slope, "the slope for a factor is the other factor") for slope in slopes]
    check("Mul.apply(a, b)", value_torch.Mul.apply(a, b), [-10.0, -2.0, 0.75], [a, b], slopes, slips)


def test_an_operand_used_twice(value_torch):
    """Both uses count: Add.apply(x, x) has slope 2, Mul.apply(x, x) has slope 2x."""
    x = tensor(1.5, -0.5)
    check("Add.apply(x, x)", value_torch.Add.apply(x, x), [3.0, -1.0], [x], [[2.0, 2.0]])
    check("Mul.apply(x, x)", value_torch.Mul.apply(x, x), [2.25, 0.25], [x], [[3.0, -1.0]])


def test_only_one_operand_needs_a_gradient(value_torch):
    """Mul works where one of its operands is a constant."""
    a, b = tensor(2.5, -1.0), tensor(-4.0, 2.0, grad=False)
    check("Mul.apply(a, constant)", value_torch.Mul.apply(a, b), [-10.0, -2.0], [a], [b.tolist()])
    check("Mul.apply(constant, a)", value_torch.Mul.apply(b, a), [-10.0, -2.0], [a], [b.tolist()])


def test_power(value_torch):
    """Pow.apply(x, n) is x to the power n, with slope n x^(n-1)."""
    x, y = tensor(4.0, 0.25), tensor(-2.0, 0.0, 3.0)
    check("Pow.apply(x, 0.5)", value_torch.Pow.apply(x, 0.5), [2.0, 0.5], [x], [[0.25, 1.0]])
    check("Pow.apply(x, -1)", value_torch.Pow.apply(x, -1), [0.25, 4.0], [x], [[-0.0625, -16.0]])
    (grad,) = torch.autograd.grad(value_torch.Pow.apply(y, 3).sum(), y)
    assert not grad.isnan().any(), "the slope of x ** 3 is nan where x is 0: does it divide by x?"
    check("Pow.apply(x, 3)", value_torch.Pow.apply(y, 3), [-8.0, 0.0, 27.0], [y], [[12.0, 0.0, 27.0]])


def test_power_zero(value_torch):
    """Pow.apply(x, 0) is 1 with slope 0, where x is 0 too."""
    x = tensor(4.0, 0.0, -2.0)
    (grad,) = torch.autograd.grad(value_torch.Pow.apply(x, 0).sum(), x)
    assert not grad.isnan().any(), "the slope of x ** 0 is nan where x is 0: n x^(n-1) is 0 times infinity there"
    check("Pow.apply(x, 0)", value_torch.Pow.apply(x, 0), [1.0, 1.0, 1.0], [x], [[0.0, 0.0, 0.0]])


def test_exponent_must_be_a_number(value_torch):
    """An exponent that is not a plain number raises TypeError."""
    x = tensor(4.0, 0.25)
    expect.error(TypeError, "Pow.apply(x, torch.tensor(2.0))", value_torch.Pow.apply, x, torch.tensor(2.0))
    expect.error(TypeError, "Pow.apply(x, '2')", value_torch.Pow.apply, x, "2")


def test_log(value_torch):
    """Log.apply(x) is the natural logarithm, with slope 1/x."""
    x = tensor(0.4, 2.0, 5.0)
    result, slips = value_torch.Log.apply(x), [(x.tolist(), "the slope of ln x falls as x grows")]
    tens = [
        (
            [math.log10(n) for n in (0.4, 2.0, 5.0)],
            "this is the logarithm to base 10: the natural logarithm is asked for",
        )
    ]
    expect.close(result, [math.log(n) for n in (0.4, 2.0, 5.0)], "Log.apply(x)", slips=tens)
    check("Log.apply(x)", result, result.tolist(), [x], [[2.5, 0.5, 0.2]], slips)


def test_log_needs_positive_numbers(value_torch):
    """Log of a tensor with any element that is 0 or negative raises ValueError."""
    expect.error(ValueError, "Log.apply of [1.5, 0.0, 2.5]", value_torch.Log.apply, tensor(1.5, 0.0, 2.5))
    expect.error(ValueError, "Log.apply of [1.5, -3.0]", value_torch.Log.apply, tensor(1.5, -3.0))


def test_exp(value_torch):
    """Exp.apply(x) is e to the power x, and its own slope."""
    x = tensor(-1.2, 0.0, 2.0)
    powers = [math.exp(n) for n in (-1.2, 0.0, 2.0)]
    slips = [(x.tolist(), "that is x: the slope of e^x is e^x, the result itself")]
    check("Exp.apply(x)", value_torch.Exp.apply(x), powers, [x], [powers], slips)


def test_relu(value_torch):
    """Relu.apply(x) is x with slope 1 where x > 0, and 0 with slope 0 where x < 0 and where x is 0."""
    x = tensor(1.7, 0.6)  # 0.5 and -2 arrive
    slips = [([1.0, 0.0], "a negative gradient is cut off: where x is positive it passes, whatever its sign")]
    check("Relu.apply(x)", value_torch.Relu.apply(x), [1.7, 0.6], [x], [[1.0, 1.0]], slips)
    x = tensor(1.7, -0.6, 0.0, 0.01)
    slips = [([1.0, 0.0, 1.0, 1.0], "at 0 itself the slope is 0, by convention")]
    check("Relu.apply(x)", value_torch.Relu.apply(x), [1.7, 0.0, 0.0, 0.01], [x], [[1.0, 0.0, 0.0, 1.0]], slips)


def test_gradcheck(value_torch):
    """torch's own gradcheck, which compares with small differences, passes for every operation."""
    x = tensor(0.7, 1.9, 3.1)
    a = torch.tensor([[0.5, -1.5], [2.5, 0.8]], dtype=torch.float64).T.requires_grad_()  # its rows lie in columns
    b = torch.tensor([[1.1, 0.4], [-0.9, 2.2]], dtype=torch.float64, requires_grad=True)
    for name, inputs in (("Add", (a, b)), ("Mul", (a, b)), ("Log", (x,)), ("Exp", (a,)), ("Relu", (a,))):
        right = torch.autograd.gradcheck(getattr(value_torch, name).apply, inputs, raise_exception=False)
        assert right, f"gradcheck fails for {name}: forward and backward do not belong together"
    right = torch.autograd.gradcheck(lambda x: value_torch.Pow.apply(x, 2.5), (x,), raise_exception=False)
    assert right, "gradcheck fails for Pow: forward and backward do not belong together"


def test_float32_stays_float32(value_torch):
    """float32 operands give a float32 result."""
    x = torch.tensor([0.5, 1.5], requires_grad=True)
    for name, operands in (
        ("Add", (x, x)),
        ("Mul", (x, x)),
        ("Pow", (x, 0)),
        ("Log", (x,)),
        ("Exp", (x,)),
        ("Relu", (x,)),
    ):
        result = getattr(value_torch, name).apply(*operands)
        expect.tensor(result, (2,), f"{name}.apply of float32 tensors", torch.float32)


def test_nothing_is_modified(value_torch):
    """Neither the operands nor the gradient that arrives are changed."""
    for name, extra in (
        ("Add", [tensor(0.5, 2.0)]),
        ("Mul", [tensor(0.5, 2.0)]),
        ("Pow", [3]),
        ("Exp", []),
        ("Relu", []),
    ):
        x, arriving = tensor(1.5, -0.25), tensor(3.0, -2.0, grad=False)
        torch.autograd.grad(getattr(value_torch, name).apply(x, *extra), x, arriving)
        expect.close(x, [1.5, -0.25], f"the operand after {name}")
        expect.close(arriving, [3.0, -2.0], f"the gradient that arrived at {name}, afterwards")


def test_the_gradients_are_written_by_hand(value_torch):
    """No backward asks torch's autograd engine for the derivative."""
    x, y = tensor(1.5, 0.25), tensor(-0.5, 2.0)
    cases = (("Add", (x, y)), ("Mul", (x, y)), ("Pow", (x, 3)), ("Log", (x,)), ("Exp", (x,)), ("Relu", (x,)))
    for name, operands in cases:
        result = getattr(value_torch, name).apply(*operands)  # kept: torch before 2.8 forgets the operands with it
        node = result.grad_fn
        own = isinstance(node, torch.autograd.function.BackwardCFunction)
        assert own, f"{name} has no backward of its own: it must be a torch.autograd.Function"
        with torch.no_grad():
            before = engine_runs()
            node.apply(torch.ones(2, dtype=torch.float64))
            assert engine_runs() - before == 1, f"{name}.backward calls torch's autograd: write the derivative itself"


def engine_runs():
    """The number of this run of torch's autograd engine: every run has the next one."""
    numbers = []
    with torch.enable_grad():
        one = torch.ones((), requires_grad=True)
        result = one * 2
    result.register_hook(lambda grad: numbers.append(torch._C._current_graph_task_id()))
    result.backward()
    return numbers[0]
