"""What 01_value is asked: one operation on fresh Values, its result and its local derivatives.

Untrusted side: runs in the worker, beside the learner's `value`. Imports the standard library, `kit` and `value` only.
"""

from __future__ import annotations

from typing import Any

import kit
import value

# One function per operation, from the Values v and the plain numbers n of a case to the result.
OPERATIONS = {
    "a + b": lambda v, _: v[0] + v[1],
    "a + a": lambda v, _: v[0] + v[0],
    "a + n": lambda v, n: v[0] + n[0],
    "n + a": lambda v, n: n[0] + v[0],
    "a * b": lambda v, _: v[0] * v[1],
    "a * a": lambda v, _: v[0] * v[0],
    "a * n": lambda v, n: v[0] * n[0],
    "n * a": lambda v, n: n[0] * v[0],
    "-a": lambda v, _: -v[0],
    "a - b": lambda v, _: v[0] - v[1],
    "a - n": lambda v, n: v[0] - n[0],
    "n - a": lambda v, n: n[0] - v[0],
    "a / b": lambda v, _: v[0] / v[1],
    "a / n": lambda v, n: v[0] / n[0],
    "n / a": lambda v, n: n[0] / v[0],
    "a ** n": lambda v, n: v[0] ** n[0],
    "a ** b": lambda v, _: v[0] ** v[1],
    "a ** '2'": lambda v, _: v[0] ** "2",
    "a ** None": lambda v, _: v[0] ** None,
    "a.log()": lambda v, _: v[0].log(),
    "a.exp()": lambda v, _: v[0].exp(),
    "a.relu()": lambda v, _: v[0].relu(),
    "(a * b + c).relu() * a": lambda v, _: (v[0] * v[1] + v[2]).relu() * v[0],
    "((a + n) * b).exp() / (a * a + c)": lambda v, n: ((v[0] + n[0]) * v[1]).exp() / (v[0] * v[0] + v[2]),
    "(a ** n + b * c).log() - a": lambda v, n: (v[0] ** n[0] + v[1] * v[2]).log() - v[0],
}


def results(cases: list[list[Any]]) -> list[float]:
    """The data of each case's result. A case: [operation, numbers of its Values, its plain numbers]."""
    return [kit.data(OPERATIONS[name](kit.leaves(values), numbers), name) for name, values, numbers in cases]


def slopes(cases: list[list[Any]]) -> list[list[float]]:
    """For each case, d(result)/d(operand) for each of its Values, by the recorded local derivatives."""
    answer = []
    for name, values, numbers in cases:
        operands = kit.leaves(values)
        result = OPERATIONS[name](operands, numbers)
        answer.append([kit.slope(result, operand, name) for operand in operands])
    return answer


def operands_after(cases: list[list[Any]]) -> list[list[float]]:
    """For each case, the data of its Values once the operation is done."""
    answer = []
    for name, values, numbers in cases:
        operands = kit.leaves(values)
        OPERATIONS[name](operands, numbers)
        answer.append([kit.data(operand, f"an operand of {name}") for operand in operands])
    return answer


def inputs(numbers: list[float]) -> list[dict[str, Any]]:
    """What a Value made from each number alone holds."""
    made = [value.Value(number) for number in numbers]
    return [
        {"data": kit.data(x, "Value(x)"), "grad": kit.grad(x, "Value(x)"), "children": len(kit.edges(x, "Value(x)"))}
        for x in made
    ]


def by_hand(child_data: list[float], number: float, local: list[float], by_name: bool) -> dict[str, Any]:
    """What a Value holds that was made with children and local derivatives."""
    what, children = "Value(data, children, local_grads)", tuple(kit.leaves(child_data))
    if by_name:
        made = value.Value(data=number, children=children, local_grads=tuple(local))
    else:
        made = value.Value(number, children, tuple(local))
    return {
        "data": kit.data(made, what),
        "grad": kit.grad(made, what),
        "children": len(kit.edges(made, what, strict=True)),
        "slopes": [kit.slope(made, child, what) for child in children],
    }


def keeps_tuples(cases: list[list[Any]]) -> None:
    """Look at the kinds of `_children` and `_local_grads` in each case's result."""
    for name, values, numbers in cases:
        kit.edges(OPERATIONS[name](kit.leaves(values), numbers), name, strict=True)


def identity(number: float) -> list[bool]:
    """a == a, a == b, a != b, a in {a}, b in {a}, and whether {a, b} has two members; a and b hold the same number."""
    a, b = value.Value(number), value.Value(number)
    same, equal, different = a == a, a == b, a != b
    for found in (same, equal, different):
        if type(found) is not bool:
            raise kit.WrongAnswer(f"comparing two Values gave {kit.kind(found)}; True or False belongs there")
    return [same, equal, different, a in {a}, b in {a}, len({a, b}) == 2]
