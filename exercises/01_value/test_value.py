"""Tests of 01_value, pure track: run them with `pytest exercises/01_value/test_value.py`.

They go from the plainest property to the whole: the first that fails is the one to look at first.
"""

import math

import expect


def slope(result, operand):
    """d(result)/d(operand): the products of the local derivatives along every path, added up."""
    if result is operand:
        return 1.0
    paths = zip(result._children, result._local_grads, strict=True)
    return sum((local * slope(child, operand) for child, local in paths), 0.0)


def check(what, result, want, operands, slopes, slips=()):
    """One operation: its result, then the local derivative by each operand. `slips`: wrong numbers, and where from."""
    new = all(result is not operand for operand in operands)
    assert new, f"{what} must be a new Value: operands stay as they are"
    expect.close(expect.value(result, what), want, what, slips=slips)
    assert type(result._children) is tuple, f"{what}: _children must be a tuple"
    assert type(result._local_grads) is tuple, f"{what}: _local_grads must be a tuple"
    assert len(result._children) == len(result._local_grads), f"{what}: one local derivative belongs to each child"
    for name, operand, right in zip("abc", operands, slopes, strict=False):
        expect.close(slope(result, operand), right, f"the slope of {what} for {name}", slips=slips)


def test_a_new_value_holds_a_float(value):
    """Value(3) stores 3.0, has a gradient of 0 and no children."""
    a = value.Value(3)
    assert type(a.data) is float, f"Value(3).data is {a.data!r}: store it as a float"
    check("Value(3)", a, 3.0, [], [])
    expect.close(a.grad, 0.0, "Value(3).grad")
    assert len(a._children) == 0, "Value(3) was made from nothing: _children is ()"


def test_children_keep_their_local_derivatives(value):
    """Value(data, children, local_grads) keeps both tuples, in the same order."""
    a, b = value.Value(2.0), value.Value(-7.0)
    made = value.Value(data=5.5, children=(a, b), local_grads=(0.25, -3.0))
    check("Value(5.5, (a, b), (0.25, -3))", made, 5.5, [a, b], [0.25, -3.0])


def test_two_values_of_equal_data_are_different(value):
    """Values compare and hash by identity: two Values that hold 1.5 are two members of a set."""
    a, b = value.Value(1.5), value.Value(1.5)
    assert (a == b) is False, "two different Values are not equal, whatever they hold: leave == as Python gives it"
    assert (a == a) is True, "a Value is equal to itself"
    assert len({a, b}) == 2, "two Values of equal data must both find their place in a set"


def test_addition(value):
    """a + b has slope 1 for each operand."""
    a, b = value.Value(2.5), value.Value(-4.0)
    check("a + b", a + b, -1.5, [a, b], [1.0, 1.0])


def test_addition_of_a_plain_number(value):
    """A plain number may stand on either side of +."""
    a = value.Value(2.5)
    check("a + 3", a + 3, 5.5, [a], [1.0])
    check("0.25 + a", 0.25 + a, 2.75, [a], [1.0])


def test_multiplication(value):
    """a * b has slope b for a and slope a for b."""
    a, b = value.Value(2.5), value.Value(-4.0)
    own = "each operand got its own number: how much does a * b grow when a grows by 1?"
    check("a * b", a * b, -10.0, [a, b], [-4.0, 2.5], [(2.5, own), (-4.0, own)])


def test_multiplication_by_a_plain_number(value):
    """A plain number may stand on either side of *."""
    a = value.Value(2.5)
    check("a * 3", a * 3, 7.5, [a], [3.0])
    check("-0.5 * a", -0.5 * a, -1.25, [a], [-0.5])


def test_an_operand_used_twice(value):
    """Both uses count: a + a has slope 2, a * a has slope 2a."""
    a = value.Value(-1.5)
    check("a + a", a + a, -3.0, [a], [2.0])
    check("a * a", a * a, 2.25, [a], [-3.0])


def test_power(value):
    """a ** n has slope n * a ** (n - 1)."""
    a, b, zero = value.Value(4.0), value.Value(-2.0), value.Value(0.0)
    slips = [(0.5, "the factor n is missing"), (1.0, "the exponent is not lowered: the power rule has n - 1")]
    check("a ** 0.5 at 4", a**0.5, 2.0, [a], [0.25], slips)
    check("a ** -1 at 4", a**-1, 0.25, [a], [-0.0625])
    check("a ** 3 at -2", b**3, -8.0, [b], [12.0])
    with expect.slip(ZeroDivisionError, "can the slope be written without dividing by a?"):
        check("a ** 2 at 0", zero**2, 0.0, [zero], [0.0])


def test_power_zero(value):
    """a ** 0 is 1 with slope 0, at a = 0 too."""
    for number in (4.0, 0.0):
        a = value.Value(number)
        with expect.slip(ZeroDivisionError, "a ** 0 is 1 for every a: what is the slope of a constant?"):
            check(f"a ** 0 at {number}", a**0, 1.0, [a], [0.0])


def test_exponent_must_be_a_number(value):
    """An exponent that is not a plain number raises TypeError."""
    a = value.Value(3.0)
    expect.error(TypeError, "Value(3) ** Value(2)", lambda: a ** value.Value(2.0))
    expect.error(TypeError, "Value(3) ** '2'", lambda: a ** "2")


def test_log(value):
    """log is the natural logarithm, with slope 1 / a."""
    a = value.Value(0.4)
    slips = [(math.log(0.4, base), "that is a logarithm to another base") for base in (2, 10)]
    slips.append((0.4, "is the slope not upside down?"))
    check("a.log() at 0.4", a.log(), math.log(0.4), [a], [2.5], slips)


def test_log_needs_a_positive_number(value):
    """log of 0 or of a negative number raises ValueError."""
    for number in (0.0, -2.5):
        expect.error(ValueError, f"Value({number}).log()", value.Value(number).log)


def test_exp(value):
    """exp is e to the power a, and is its own slope."""
    a = value.Value(-1.2)
    slips = [(-1.2 * math.exp(-2.2), "the power rule is for a ** n: here a is the exponent")]
    check("a.exp() at -1.2", a.exp(), math.exp(-1.2), [a], [math.exp(-1.2)], slips)


def test_relu(value):
    """relu is a with slope 1 where a > 0, and 0 with slope 0 where a < 0 and at 0."""
    slips = {
        1.7: [(1.7, "how much does the result grow when a grows by a little?")],
        -0.6: [(-0.6, "a negative number becomes 0")],
        0.0: [(1.0, "at 0 itself the slope is 0, by convention")],
    }
    for number, want, right in ((1.7, 1.7, 1.0), (-0.6, 0.0, 0.0), (0.0, 0.0, 0.0)):
        a = value.Value(number)
        check(f"a.relu() at {number}", a.relu(), want, [a], [right], slips[number])


def test_minus_and_division(value):
    """The operations that are given, - and / and negation, work once the six are right."""
    a, b = value.Value(3.0), value.Value(-0.5)
    check("-a", -a, -3.0, [a], [-1.0])
    check("a - b", a - b, 3.5, [a, b], [1.0, -1.0])
    check("10 - a", 10 - a, 7.0, [a], [-1.0])
    check("a / b", a / b, -6.0, [a, b], [-2.0, -12.0])
    check("6 / a", 6 / a, 2.0, [a], [-2 / 3])


def test_operations_work_together(value):
    """In (a * b + c).relu() * a the slope for a is the sum over both paths from a."""
    a, b, c = value.Value(2.0), value.Value(-3.0), value.Value(10.0)
    check("(a * b + c).relu() * a", (a * b + c).relu() * a, 8.0, [a, b, c], [-2.0, 4.0, 2.0])
