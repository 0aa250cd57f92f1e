"""What the public tests expect of an answer, said in sentences a learner can act on.

Runs in the learner's pytest process. May import the standard library only; torch is looked up when it is needed.
A comparison never calls the learner's code (no `==`, no `repr` of an object of theirs), so an object that claims to
equal everything gains nothing. Types and shapes are judged first, then whether numbers are finite, then their values.
"""

from __future__ import annotations

import math
import re
import sys
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

VALUE_ATTRIBUTES = ("data", "grad", "_children", "_local_grads")
ITEMS_SHOWN = 6  # of a longer list: the first ones, then "..."
TEXT_SHOWN = 100  # characters of a list on one line
CUT_NUMBER = re.compile(r"-?\d[\d.e+-]*$")


class Failure(AssertionError):
    """An answer is not what it must be. The first line is the sentence, the others are details."""


# The public checks, for Values


def values(got, count, what):
    """`got` must be a list of `count` Values; their numbers, as a list of floats."""
    __tracebackhide__ = True
    if type(got) is not list:
        raise Failure(f"{what} returned {_kind(got)}; it must return a list of Value{_forgotten(got)}")
    if len(got) != count:
        raise Failure(f"{what} returned {_items(len(got))} where {count} belong{'s' if count == 1 else ''}")
    return [value(item, f"{what}[{i}]") for i, item in enumerate(got)]


def value(got, what):
    """`got` must be one Value; its number, as a float."""
    __tracebackhide__ = True
    missing = [name for name in VALUE_ATTRIBUTES if not _has(got, name)]
    if type(got) in (bool, int, float):
        raise Failure(f"{what} is a plain {type(got).__name__}: a Value belongs there (a float has no gradient)")
    if len(missing) == len(VALUE_ATTRIBUTES):
        raise Failure(f"{what} is {_kind(got)}: a Value belongs there{_forgotten(got)}")
    if missing:
        raise Failure(f"{what} has no {' and no '.join(missing)}: a Value has {', '.join(VALUE_ATTRIBUTES)}")
    data = got.data
    if type(data) in (bool, int):
        raise Failure(f"{what}.data is the {type(data).__name__} {data}: a Value stores its number as a float")
    if type(data) is not float:
        raise Failure(f"{what}.data is {_kind(data)}: a Value stores its number as a float")
    return data


# The public checks, for numbers, errors and tensors


def close(got, want, what, rel=1e-9, abs=1e-12, slips=()):
    """`got` must have the structure of `want`, and each number must lie within max(rel * |want|, abs) of its own.

    slips: pairs (numbers, sentence), for mistakes that are often made: where `got` holds exactly these numbers, the
    sentence says which mistake gives them.
    """
    __tracebackhide__ = True
    if _is_tensor(want) and not _is_tensor(got):
        raise Failure(f"{what} is {_kind(got)}; a tensor belongs there{_forgotten(got)}")
    got_shape, want_shape = _shape(got), _shape(want)
    arrays = _is_tensor(got) or (got_shape and want_shape)  # of a number where a list belongs `_pairs` says more
    if arrays and None not in (got_shape, want_shape) and got_shape != want_shape:
        raise Failure(f"{what} has shape {got_shape}; {want_shape} belongs there")
    got, want = _plain(got, what), _plain(want, "the expected value")
    pairs = list(_pairs(got, want, what))
    for place, g, w in pairs:
        if not math.isfinite(g) and not _same(g, w):
            raise Failure(f"{what}{place} is {_strange(g)}; {_number(w)} belongs there")
    wrong = [pair for pair in pairs if not _near(pair[1], pair[2], rel, abs)]
    if wrong:
        slip = next((said for numbers, said in slips if _is_close(got, _plain(numbers, what), rel, abs)), "")
        raise Failure(_difference(got, want, what, want_shape, wrong, pairs, slip or _relation(pairs, rel)))


def error(kind, what, function, *args):
    """`function(*args)` must raise `kind`. Returns the error."""
    __tracebackhide__ = True
    must = f"{what} must raise {kind.__name__}; it"
    try:
        result = function(*args)
    except (NotImplementedError, Failure):  # a stub, or something missing: that is the thing to say
        raise
    except kind as raised:
        return raised
    except (Exception, SystemExit) as raised:
        raise Failure(f"{must} raised {type(raised).__name__}: {said(raised)}") from raised
    raise Failure(f"{must} returned {show(result)}")


def tensor(got, shape, what, dtype=None):
    """`got` must be a torch.Tensor of this shape (and dtype). Returns it."""
    __tracebackhide__ = True
    if not _is_tensor(got):
        raise Failure(f"{what} is {_kind(got)}; a torch.Tensor belongs there{_forgotten(got)}")
    if tuple(got.shape) != tuple(shape):
        raise Failure(f"{what} has shape {tuple(got.shape)}; {tuple(shape)} belongs there")
    if dtype is not None and got.dtype != dtype:
        raise Failure(f"{what} is {got.dtype}; {dtype} belongs there")
    return got


@contextmanager
def no_calls(*names):
    """Inside the `with` block no aten operation and no torch function of one of these names may be called."""
    __tracebackhide__ = True
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    caught = []

    def judge(name):
        __tracebackhide__ = True
        if name in names:
            caught.append(
                f"{_learner_function()} calls torch's own {name.lstrip('_')}: this step is where you write it"
            )
            raise Failure(caught[0])

    class Functions(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            __tracebackhide__ = True
            judge(getattr(func, "__name__", ""))
            return func(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            __tracebackhide__ = True
            judge(func._schema.name.removeprefix("aten::"))
            return func(*args, **(kwargs or {}))

    with Functions(), Operations():
        yield
    if caught:  # raised at the call already, but the learner's code caught it there
        raise Failure(caught[0])


@contextmanager
def slip(kind, sentence):
    """An error of this kind that the learner's code raises inside is told with the sentence on what it often is."""
    __tracebackhide__ = True
    try:
        yield
    except kind as raised:
        if not isinstance(raised, Failure):
            raised.add_note(sentence)
        raise


# Words for things. None of them calls a method that a learner has written.


def said(raised):
    """The text of an exception: one line, at most 200 characters, '' when it cannot be had."""
    try:
        text = str(raised)
    except Exception:  # a learner's own exception may be broken as well
        return ""
    text = " ".join(text.split())
    return text if len(text) <= 200 else text[:197] + "..."


def show(x):
    """A short text for any object: plain data as it is, everything else by its type."""
    if x is None or type(x) in (bool, int, float, str):
        return _cut(repr(x))
    if type(x) in (list, tuple):
        inside = ", ".join([show(item) for item in x[:ITEMS_SHOWN]] + ["..."] * (len(x) > ITEMS_SHOWN))
        return _cut(f"[{inside}]" if type(x) is list else f"({inside}{',' * (len(x) == 1)})")
    if all(_has(x, name) for name in VALUE_ATTRIBUTES):
        return f"Value({show(x.data)})"
    return _kind(x)


def _kind(x):
    """`None`, `a plain float`, `a tuple`, `a tensor of shape (2, 3)`, `an Answer`."""
    if x is None:
        return "None"
    if type(x) in (int, float):
        return f"a plain {type(x).__name__}"
    if _is_tensor(x):
        return f"a tensor of shape {tuple(x.shape)}"
    name = type(x).__name__
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def _items(count):
    return "1 item" if count == 1 else f"{count} items"


def _forgotten(x):
    return " (is a `return` missing?)" if x is None else ""


def _strange(x):
    if math.isnan(x):
        return "nan (not a number)"
    return f"{x} (too large for a float)" if x > 0 else str(x)


def _has(x, name):
    try:
        getattr(x, name)
    except Exception:
        return False
    return True


def _cut(text):
    """At most TEXT_SHOWN characters, and no number cut in two: -2.2e-16 would look like -2.2."""
    return text if len(text) <= TEXT_SHOWN else CUT_NUMBER.sub("", text[: TEXT_SHOWN - 3]) + "..."


# Numbers


def _is_tensor(x):
    torch = sys.modules.get("torch")
    return torch is not None and type(x) in (torch.Tensor, torch.nn.Parameter)


def _plain(x, what):
    """A tensor as (nested lists of) floats; anything else as it is."""
    if not _is_tensor(x):
        return x
    torch = sys.modules["torch"]
    if x.dtype == torch.bool:
        raise Failure(f"{what} is a tensor of bools; numbers belong there")
    return x.detach().to(torch.float64).tolist()


def _shape(x):
    """Lengths of nested lists, outermost first; () for a single thing; None where rows differ in length."""
    if _is_tensor(x):
        return tuple(x.shape)
    if type(x) not in (list, tuple):
        return ()
    inner = {_shape(item) for item in x}
    if len(inner) > 1 or None in inner:
        return None
    return (len(x), *(inner.pop() if inner else ()))


def _pairs(got, want, what, place=""):
    """(place, got, want) of every number, after the types and lengths on the way to it."""
    here = what + place
    if type(want) in (list, tuple):
        if type(got) is not type(want):
            raise Failure(f"{here} is {_kind(got)}; {_kind(want)} belongs there{_forgotten(got)}")
        if len(got) != len(want):
            raise Failure(f"{here} has {_items(len(got))} where {len(want)} belong{'s' if len(want) == 1 else ''}")
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            yield from _pairs(g, w, what, f"{place}[{i}]")
    elif type(got) not in (int, float):
        raise Failure(f"{here} is {_kind(got)}; a number belongs there{_forgotten(got)}")
    elif type(got) is int and got.bit_length() > 1000:
        raise Failure(f"{here} is an int too large for a float")
    else:
        yield place, got, want


def _same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


def _near(got, want, rel, absolute):
    if not math.isfinite(got) or not math.isfinite(want):
        return _same(got, want)
    return abs(got - want) <= max(rel * abs(want), absolute)


def _is_close(got, want, rel, absolute):
    """Whether `got` has the structure and the numbers of `want`."""
    try:
        return all(_near(g, w, rel, absolute) for _, g, w in _pairs(got, want, ""))
    except Failure:
        return False


def _relation(pairs, rel):
    """How all the numbers are related to what belongs there, '' where it is nothing simple."""
    got, want = [float(g) for _, g, _ in pairs], [float(w) for _, _, w in pairs]
    several = len(pairs) > 1
    it = "each number is" if several else "it is"
    if not all(math.isfinite(x) for x in (*got, *want)):
        return ""
    if several and not any(got):
        return "all of them are 0"

    def all_near(numbers):
        return len(numbers) == len(got) and all(_near(g, n, rel, 1e-12) for g, n in zip(got, numbers, strict=True))

    for factor, words in ((-1, "minus"), (2, "twice"), (0.5, "half of"), (4, "4 times"), (0.25, "a quarter of")):
        if all_near([factor * w for w in want]):
            return f"{it} {words} what belongs there"
    if not several:
        return ""
    largest = max(range(len(want)), key=lambda i: abs(want[i]))
    factor, gap = got[largest] / want[largest] if want[largest] else 0, got[largest] - want[largest]
    differing = len({abs(w) for w in want if w}) > 1  # else a factor and a gap are the same thing
    if factor and abs(factor - 1) > 1e-3 and differing and all_near([factor * w for w in want]):
        return f"{it} {factor:.4g} times what belongs there"
    if differing and all_near([w + gap for w in want]):
        return f"{it} too {'large' if gap > 0 else 'small'} by {abs(gap):.4g}"
    if all_near(want[::-1]):
        return "they are the right numbers, in reverse order"
    if all(_near(g, w, rel, 1e-12) for g, w in zip(sorted(got), sorted(want), strict=True)):
        return "they are the right numbers, in another order"
    if all_near([w * w for w in want]):
        return f"{it} the square of what belongs there"
    if min(want) >= 0 and all_near([math.sqrt(w) for w in want]):
        return f"{it} the square root of what belongs there"
    if all(want) and all_near([1 / w for w in want]):
        return f"{it} 1 divided by what belongs there"
    return ""


def _difference(got, want, what, shape, wrong, pairs, told):
    """The sentence and its details: what it looks like, shape, expected, got, the largest difference and its place."""
    total = len(pairs)
    place, g, w = max(wrong, key=lambda pair: abs(pair[1] - pair[2]))
    digits = next((d for d in range(6, 17) if _number(g, d) != _number(w, d)), 17)
    gap = f"{abs(g - w):.3g}"
    if not place:
        first = f"{what} is {_number(g, digits)}; {_number(w, digits)} belongs there"
        return "\n".join([first, *([told] if told else []), f"(difference {gap})"])
    verb = "is" if len(wrong) == 1 else "are"
    return "\n".join(
        [
            f"{what}: {len(wrong)} of {total} numbers {verb} wrong"
            if total > 1
            else f"{what}: the number in it is wrong",
            *([told] if told else []),
            f"shape               {shape}" if shape else "shape               rows of different lengths",
            f"expected            {_numbers(want, digits)}",
            f"got                 {_numbers(got, digits)}",
            f"largest difference  {gap} at {place}: expected {_number(w, digits)}, got {_number(g, digits)}",
        ]
    )


def _number(x, digits=6):
    return str(x) if type(x) is int and abs(x) < 10**15 else f"{x:.{digits}g}"


def _numbers(x, digits):
    """Nested lists on one line; of a long one only its beginning."""
    return _cut(_nested(x, digits))


def _nested(x, digits):
    if type(x) not in (list, tuple):
        return _number(x, digits)
    shown = [_nested(item, digits) for item in islice(x, ITEMS_SHOWN)]
    return f"[{', '.join(shown + ['...'] * (len(x) > ITEMS_SHOWN))}]"


def _learner_function():
    """The innermost function now running that stands in a step's own file: `softmax()`."""
    frame = sys._getframe(1)
    while frame is not None:
        path, name = Path(frame.f_code.co_filename), frame.f_code.co_name
        if path.parent.name[:2].isdigit() and not path.name.startswith("test_") and not name.startswith("<"):
            return f"{name}()"
        frame = frame.f_back
    return "the code"
