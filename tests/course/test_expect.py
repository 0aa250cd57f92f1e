"""exercises/expect.py: what it says of wrong answers, and that objects which claim to be right gain nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import math
import re
import warnings
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "exercises" / "expect.py"
SPEC = importlib.util.spec_from_file_location("expect_under_test", FILE)
expect = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(expect)


class Value:
    def __init__(self, data):
        self.data, self.grad, self._children, self._local_grads = data, 0, (), ()

    def __repr__(self):
        raise RuntimeError("a learner's broken repr")


class Always(float):
    """Equal to everything, near to everything, and not a float."""

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


@pytest.fixture(scope="module")
def torch():
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what torch says about its own installation
        import torch
    return torch


def sentence(function, *args, **kwargs):
    """The first line of the failure."""
    with pytest.raises(expect.Failure) as caught:
        function(*args, **kwargs)
    return str(caught.value).splitlines()[0]


def test_values_gives_the_numbers():
    assert expect.values([Value(1.5), Value(-2.0)], 2, "f()") == [1.5, -2.0]
    assert expect.value(Value(0.25), "x") == 0.25


@pytest.mark.parametrize(
    ("got", "said"),
    [
        ((Value(1.0),), "softmax() returned a tuple; it must return a list of Value"),
        (None, "softmax() returned None; it must return a list of Value (is a `return` missing?)"),
        (Value(1.0), "softmax() returned a Value; it must return a list of Value"),
        ([Value(1.0)], "softmax() returned 1 item where 2 belong"),
        (
            [Value(1.0), 0.5],
            "softmax()[1] is a plain float: a Value belongs there (a float has no gradient)",
        ),
        ([True, 0.5], "softmax()[0] is a plain bool: a Value belongs there (a float has no gradient)"),
        ([Value(1.0), None], "softmax()[1] is None: a Value belongs there (is a `return` missing?)"),
        ([Value(1.0), [Value(2.0)]], "softmax()[1] is a list: a Value belongs there"),
        ([Value(1.0), Value(2)], "softmax()[1].data is the int 2: a Value stores its number as a float"),
        ([Value(1.0), Value(True)], "softmax()[1].data is the bool True: a Value stores its number as a float"),
        ([Value(1.0), Value(Always(2))], "softmax()[1].data is an Always: a Value stores its number as a float"),
        ([Value(1.0), Value(Value(2.0))], "softmax()[1].data is a Value: a Value stores its number as a float"),
    ],
)
def test_values_says_what_is_no_list_of_values(got, said):
    assert sentence(expect.values, got, 2, "softmax()") == said


def test_an_incomplete_value_is_told_what_it_lacks():
    half = Value(1.0)
    del half.grad, half._children
    said = "a + b has no grad and no _children: a Value has data, grad, _children, _local_grads"
    assert sentence(expect.value, half, "a + b") == said


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.0 + 1e-12, 1.0),
        (2, 2.0),  # whole gradients may be ints
        ([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0]]),
        ((1.0, -2.0), (1, -2)),
        (-math.inf, -math.inf),
        ([], []),
    ],
)
def test_close_accepts(got, want):
    expect.close(got, want, "x")


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        (1.5, 1.0, "x is 1.5; 1 belongs there"),
        (1.00000002, 1.0, "x is 1.00000002; 1 belongs there"),
        (1.0, 1.00000000001, "x is 1; 1.00000000001 belongs there"),
        (True, 1.0, "x is a bool; a number belongs there"),
        (None, 1.0, "x is None; a number belongs there (is a `return` missing?)"),
        ("1.0", 1.0, "x is a str; a number belongs there"),
        (Always(1.0), 1.0, "x is an Always; a number belongs there"),
        (Value(1.0), 1.0, "x is a Value; a number belongs there"),
        (math.nan, 1.0, "x is nan (not a number); 1 belongs there"),
        (math.inf, 1.0, "x is inf (too large for a float); 1 belongs there"),
        (10**400, 1.0, "x is an int too large for a float"),
        (1.0, math.inf, "x is 1; inf belongs there"),
        ([1.0, math.nan], [1.0, 2.0], "x[1] is nan (not a number); 2 belongs there"),
        ([1.0], [1.0, 2.0], "x has shape (1,); (2,) belongs there"),
        ([], [1.0], "x has shape (0,); (1,) belongs there"),
        ([1.0, 2.0], [[1.0], [2.0]], "x has shape (2,); (2, 1) belongs there"),
        ((1.0, 2.0), [1.0, 2.0], "x is a tuple; a list belongs there"),
        (1.0, [1.0], "x is a plain float; a list belongs there"),
        ([[1.0], [2.0]], [[1.0], [2.0, 3.0]], "x[1] has 1 item where 2 belong"),
        ([1.0, [2.0]], [1.0, 2.0], "x[1] is a list; a number belongs there"),
        ([1.0, 5.0, 9.0], [1.0, 2.0, 3.0], "x: 2 of 3 numbers are wrong"),
        ([5.0], [1.0], "x: the number in it is wrong"),
    ],
)
def test_close_says_what_is_wrong(got, want, said):
    rel = 1e-12 if want == 1.00000000001 else 1e-9
    assert sentence(expect.close, got, want, "x", rel=rel, abs=1e-13) == said


def test_close_shows_shapes_first_then_the_largest_difference_and_where():
    got, want = [[1.0, 2.0, 3.0], [4.0, 5.5, 6.1]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    with pytest.raises(expect.Failure) as caught:
        expect.close(got, want, "x")
    assert str(caught.value).splitlines() == [
        "x: 2 of 6 numbers are wrong",
        "shape               (2, 3)",
        "expected            [[1, 2, 3], [4, 5, 6]]",
        "got                 [[1, 2, 3], [4, 5.5, 6.1]]",
        "largest difference  0.5 at [1][1]: expected 5, got 5.5",
    ]


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        (-1.5, 1.5, "it is minus what belongs there"),
        (3.0, 1.5, "it is twice what belongs there"),
        (0.75, 1.5, "it is half of what belongs there"),
        ([-1.0, 2.0, 0.0], [1.0, -2.0, 0.0], "each number is minus what belongs there"),
        ([0.5, 1.0], [1.0, 2.0], "each number is half of what belongs there"),
        ([0.3, 0.6, 0.0], [1.0, 2.0, 0.0], "each number is 0.3 times what belongs there"),
        ([0.0, 0.0], [1.0, 2.0], "all of them are 0"),
        ([0.0, 0.0], [1, 2], "all of them are 0"),
        ([1.25, 2.25, 5.25], [1.0, 2.0, 5.0], "each number is too large by 0.25"),
        ([0.75, 1.75, 4.75], [1.0, 2.0, 5.0], "each number is too small by 0.25"),
        ([5.0, 2.0, 1.0], [1.0, 2.0, 5.0], "they are the right numbers, in reverse order"),
        ([2.0, 1.0, 5.0], [1.0, 2.0, 5.0], "they are the right numbers, in another order"),
        ([[1.0, 3.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]], "they are the right numbers, in another order"),
        ([9.0, 25.0], [3.0, 5.0], "each number is the square of what belongs there"),
        ([3.0, 5.0], [9.0, 25.0], "each number is the square root of what belongs there"),
        ([0.25, 0.2], [4.0, 5.0], "each number is 1 divided by what belongs there"),
    ],
)
def test_close_tells_how_the_numbers_are_related(got, want, said):
    """A relation that holds for all of them is the second line; of whole numbers as well."""
    with pytest.raises(expect.Failure) as caught:
        expect.close(got, want, "x")
    assert str(caught.value).splitlines()[1] == said


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.6, 1.5),
        ([1.0, 2.5], [1.0, 2.0]),
        ([1.00001, 2.00002], [1.0, 2.0]),  # "1 times what belongs there" helps nobody
        ([1.5, 1.5], [1.0, 1.0]),  # 1.5 times, or 0.5 more: two equal numbers do not tell
        ([1e308, 2.0], [-1e308, 5.0]),
        ([10**300, 1.0], [2.0, 3.0]),
        ([1.0, 2.0], [math.inf, 2.0]),
    ],
)
def test_close_tells_no_relation_where_there_is_none(got, want):
    with pytest.raises(expect.Failure) as caught:
        expect.close(got, want, "x")
    assert "belongs there" not in str(caught.value).partition("\n")[2]
    assert "too large" not in str(caught.value)


def test_close_knows_the_slips_it_is_told_of():
    """Where the numbers are exactly those of a slip, its sentence stands in the second line; else nothing of it."""
    slips = [([2.0, 2.0], "did you forget the minus?"), ([3.0, [1.0]], "of another form"), ([1.0, 4.0], "squared?")]
    for got, said in (([1.0, 4.0], "squared?"), ([2.0, 2.0], "did you forget the minus?")):
        with pytest.raises(expect.Failure) as caught:
            expect.close(got, [1.0, 2.0], "x", slips=slips)
        assert str(caught.value).splitlines()[1] == said
    with pytest.raises(expect.Failure) as caught:
        expect.close([1.0, 4.5], [1.0, 2.0], "x", slips=slips)
    assert not any(said in str(caught.value) for _, said in slips)
    expect.close([1.0, 2.0], [1.0, 2.0], "x", slips=slips)


def test_slips_may_be_tensors(torch):
    x = torch.tensor([1.0, 2.0])
    with pytest.raises(expect.Failure, match="summed along the wrong dimension"):
        expect.close(x * 3, x, "y", slips=[(x * 3, "summed along the wrong dimension?")])


def test_slip_adds_its_sentence_to_an_error():
    """To errors of its kind, and to no others; failures are told as they are."""
    for error, notes in ((OverflowError("math range error"), ["too large?"]), (KeyError("x"), [])):
        with pytest.raises(type(error)) as caught, expect.slip(OverflowError, "too large?"):
            raise error
        assert getattr(caught.value, "__notes__", []) == notes
    with pytest.raises(expect.Failure) as caught, expect.slip(AssertionError, "too large?"):
        raise expect.Failure("wrong")
    assert not getattr(caught.value, "__notes__", [])


def test_long_lists_are_cut():
    with pytest.raises(expect.Failure) as caught:
        expect.close([i / 7 for i in range(1000)], [0.0] * 1000, "x")
    assert max(map(len, str(caught.value).splitlines())) < 130
    assert "got                 [0, 0.142857, 0.285714, 0.428571, 0.571429, 0.714286, ...]" in str(caught.value)


def test_no_number_is_cut_in_two():
    """-2.2e-16 cut behind its first digits would look like -2.2, and on another processor like -1.6."""
    got = [0.25, *(x / 7 for x in range(1, 12)), -2.220446049250313e-16]
    for count in range(3, 14):
        with pytest.raises(expect.Failure) as failure:
            expect.close([got[:count]] * 9, [[0.5] * count] * 9, "f()")
        shown = next(line for line in str(failure.value).splitlines() if line.startswith("got"))
        numbers = re.findall(r"-?\d[\d.e+-]*", shown)
        assert set(numbers) <= {f"{x:.6g}" for x in got}, shown


def test_error_returns_what_was_raised():
    assert str(expect.error(ValueError, "int('x')", int, "x")).startswith("invalid literal")
    assert type(expect.error(LookupError, "{}[1]", {}.__getitem__, 1)) is KeyError


def raising(error):
    def function():
        raise error

    return function


def test_error_says_what_came_instead():
    say = "softmax([]) must raise ValueError; it "
    assert sentence(expect.error, ValueError, "softmax([])", list, []) == say + "returned []"
    assert sentence(expect.error, ValueError, "softmax([])", Value, 1.5) == say + "returned Value(1.5)"
    assert sentence(expect.error, ValueError, "softmax([])", object) == say + "returned an object"
    assert sentence(expect.error, ValueError, "softmax([])", raising(KeyError(3))) == say + "raised KeyError: 3"
    assert sentence(expect.error, ValueError, "softmax([])", raising(SystemExit(3))) == say + "raised SystemExit: 3"


def test_error_lets_a_stub_and_a_missing_name_through():
    for error in (NotImplementedError("03_softmax: write softmax() in softmax.py"), expect.Failure("not defined")):
        with pytest.raises(type(error)) as caught:
            expect.error(RuntimeError, "f()", raising(error))
        assert caught.value is error


def test_tensors_are_judged_by_type_shape_and_dtype(torch):
    x = torch.arange(6.0).reshape(2, 3)
    assert expect.tensor(x, (2, 3), "y", torch.float32) is x
    assert sentence(expect.tensor, [1.0], (1,), "y") == "y is a list; a torch.Tensor belongs there"
    assert sentence(expect.tensor, x, (3, 2), "y") == "y has shape (2, 3); (3, 2) belongs there"
    said = "y is torch.float32; torch.float64 belongs there"
    assert sentence(expect.tensor, x, (2, 3), "y", torch.float64) == said


def test_close_compares_tensors(torch):
    x = torch.tensor([[1.0, 2.0, 4.0]], requires_grad=True)
    expect.close(x, [[1.0, 2.0, 4.0]], "y")
    expect.close(x, x.double(), "y")
    expect.close(x.sum(), 7.0, "y")
    assert sentence(expect.close, x, x[0], "y") == "y has shape (1, 3); (3,) belongs there"
    assert sentence(expect.close, x, 1.0, "y") == "y has shape (1, 3); () belongs there"
    assert sentence(expect.close, [[1.0, 2.0, 4.0]], x, "y") == "y is a list; a tensor belongs there"
    assert sentence(expect.close, x > 1, [[False, True, True]], "y") == "y is a tensor of bools; numbers belong there"
    assert sentence(expect.close, x, x + torch.tensor([0, 0, 1]), "y") == "y: 1 of 3 numbers is wrong"
    assert sentence(expect.close, x / 0, x, "y") == "y[0][0] is inf (too large for a float); 1 belongs there"


def test_no_calls_sees_functions_methods_operations_and_hidden_ones(torch):
    x = torch.tensor([[1.0, 2.0, 4.0]], requires_grad=True)
    said = "the code calls torch's own softmax: this step is where you write it"

    def forbidden(call):
        with expect.no_calls("softmax", "_softmax"):
            call()

    calls = [
        lambda: torch.softmax(x, -1),
        lambda: x.softmax(-1),
        lambda: torch.nn.functional.softmax(x, dim=-1),
        lambda: torch.nn.Softmax(-1)(x),
        lambda: torch._C._VariableFunctions.softmax(x, -1),
        lambda: torch.ops.aten._softmax(x, -1, False),
    ]
    for call in calls:
        assert sentence(forbidden, call) == said


def test_no_calls_fails_even_when_the_code_swallows_the_failure(torch):
    def swallowing():
        with expect.no_calls("softmax"), contextlib.suppress(AssertionError):
            torch.softmax(torch.ones(2), -1)

    assert sentence(swallowing).startswith("the code calls torch's own softmax")


def test_no_calls_allows_the_rest_and_lets_other_errors_out(torch):
    x = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
    with expect.no_calls("softmax", "_softmax", "logsumexp"):
        (x.exp() / x.exp().sum()).max().backward()
    assert x.grad is not None
    with pytest.raises(KeyError), expect.no_calls("softmax"):
        raise KeyError("other")
