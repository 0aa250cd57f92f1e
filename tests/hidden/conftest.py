"""What several hidden suites judge alike: that a graph is made of the operations of step 01 and nothing else.

Trusted side. Imports the standard library and pytest; the graphs are plain data, as `kit.graph` describes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from grader.marking.check import Check

Judge = Callable[[object, list[float]], None]


@pytest.fixture
def only_six_operations(check: Check) -> Judge:
    """`only_six_operations(graph, want)` fails the check unless each Value is the result of one operation of step 01.

    `want`: the numbers of the graph's roots, which stand first. A graph of other numbers is not the one asked for.
    """

    def judge(graph: object, want: list[float]) -> None:
        check.require(is_graph(graph), "the answer has wrong parts")
        assert isinstance(graph, list)
        wrong = "the graph is of wrong values: those have to be right first"
        check.close([node["data"] for node in graph[: len(want)]], want, rel=1e-7, abs=1e-9, why=wrong)
        constant = "an output is a number that nothing leads to: it was not computed from the inputs"
        check.require(bool(graph and graph[0]["children"]), constant)
        for node in graph:
            below = [graph[i]["data"] for i in node["children"]]
            check.require(
                one_operation(node["data"], below, node["slopes"]),
                "the graph holds a Value that no single operation of step 01 makes, with these local derivatives",
            )

    return judge


def is_graph(graph: object) -> bool:
    """Whether the answer is a graph: dicts of data, children (places) and slopes, with finite numbers."""
    if type(graph) is not list or not all(type(node) is dict for node in graph):
        return False
    for node in graph:
        if list(node) != ["data", "children", "slopes"]:
            return False
        data, children, slopes = node.values()
        if type(children) is not list or type(slopes) is not list or len(children) != len(slopes):
            return False
        if not all(type(x) is float and math.isfinite(x) for x in [data, *slopes]):
            return False
        if not all(type(i) is int and 0 <= i < len(graph) for i in children):
            return False
    return True


def near(x: float, y: float) -> bool:
    """Equal to rounding."""
    return math.isfinite(y) and abs(x - y) <= max(1e-9 * abs(y), 1e-12)


def one_operation(d: float, children: list[float], slopes: list[float]) -> bool:
    """Whether + * ** log exp relu, - or / makes a Value of data d from children of these data, with these slopes.

    A plain number may be a child or not, and an operand used twice may be one child: both leave one child.
    """
    if len(children) == 2:
        (x, y), (u, v) = children, slopes
        return (
            (near(d, x + y) and near(u, 1) and near(v, 1))
            or (near(d, x - y) and near(u, 1) and near(v, -1))
            or (near(d, y - x) and near(u, -1) and near(v, 1))
            or (near(d, x * y) and near(u, y) and near(v, x))
            or (near(d * y, x) and near(u * y, 1) and near(v * y, -d))
            or (near(d * x, y) and near(v * x, 1) and near(u * x, -d))
        )
    if len(children) == 1:
        return one_operand(d, children[0], slopes[0])
    return not children


def one_operand(d: float, x: float, slope: float) -> bool:
    """Whether one operation makes d from x and, it may be, a plain number."""
    return (
        near(abs(slope), 1)  # x + n, x - n, n - x: any n
        or near(d, slope * x)  # x * n, x / n, relu, x + x
        or near(d, -slope * x)  # n / x
        or (d == 1 and slope == 0)  # x ** 0
        or is_power(d, x, slope)  # x * x is one of them
        or (d > 0 and near(math.log(d), x) and near(slope, d))  # exp
        or (x > 0 and near(d, math.log(x)) and near(slope * x, 1))  # log
    )


def is_power(d: float, x: float, slope: float) -> bool:
    """Whether d = x ** n for the n that the slope n * x ** (n - 1) = n * d / x tells."""
    if d == 0 or x == 0:
        return False
    n = slope * x / d
    if not math.isfinite(n) or not near(n * math.log(abs(x)), math.log(abs(d))):
        return False
    return (x > 0 and d > 0) or (near(n, round(n)) and (d > 0) == (round(n) % 2 == 0))
