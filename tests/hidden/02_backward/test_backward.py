"""Hidden checks of 02_backward (pure): the order of a graph, and the gradients that travel along it.

Trusted side. An order is judged by its properties, since any order with them is right. Gradients are compared with the
reference and with a closed form, or with derivatives that this file computes from the inputs up, the other way round.
The tolerance of 1e-9 leaves room for another order of summation (some ten roundings of 1e-16, a little cancellation).
"""

import math
from random import Random

from grader.marking.check import Check

Recipe = dict  # {"inputs": numbers, "steps": [[operation, i, j], ...]}: see probes.py
CHAIN = 100_000

# operation -> (result, derivative by x, derivative by y); for ** y is the exponent
RULES = {
    "+": lambda x, y: (x + y, 1.0, 1.0),
    "*": lambda x, y: (x * y, y, x),
    "**": lambda x, y: (x**y, y * x ** (y - 1), 0.0),
    "exp": lambda x, _: (math.exp(x), math.exp(x), 0.0),
    "log": lambda x, _: (math.log(x), 1 / x, 0.0),
    "relu": lambda x, _: (max(0.0, x), float(x > 0), 0.0),
}


def evaluate(recipe: Recipe, seed: int) -> tuple[list[float], list[float]]:
    """Every node's number, and its derivative by input `seed`, both from the inputs up."""
    numbers = list(recipe["inputs"])
    slopes = [float(i == seed) for i in range(len(numbers))]
    for operation, i, j in recipe["steps"]:
        inner = operation in ("+", "*")
        result, by_x, by_y = RULES[operation](numbers[i], numbers[j] if inner else j)
        numbers.append(result)
        slopes.append(by_x * slopes[i] + (by_y * slopes[j] if inner else 0.0))
    return numbers, slopes


def leaf_gradients(recipe: Recipe, root: int = -1) -> list[float]:
    """d(root)/d(input) for each input."""
    return [evaluate(recipe, seed)[1][root] for seed in range(len(recipe["inputs"]))]


def random_recipe(rng: Random, steps: int = 14) -> Recipe:
    """A graph of moderate numbers, away from the kink of relu and the pole of log. Two inputs hold equal numbers."""
    inputs = [rng.uniform(0.5, 1.5), -rng.uniform(0.5, 1.5), rng.uniform(0.5, 1.5)]
    recipe = {"inputs": [*inputs, inputs[0]], "steps": [["*", 0, 1]]}
    while len(recipe["steps"]) < steps:
        made = evaluate(recipe, 0)[0]
        operation, last = rng.choice(["+", "*", *RULES]), len(made) - 1
        i = rng.choice([last, last, last, rng.randrange(last)])  # mostly the newest: the root is over most nodes
        if operation in ("log", "**", "relu") and made[i] < 0.3:
            continue
        j = {"+": rng.randrange(last), "*": rng.randrange(last), "**": rng.choice([2, 3, -1, 0.5])}.get(operation)
        recipe["steps"].append([operation, i, j])
        if not 0.1 < abs(evaluate(recipe, 0)[0][-1]) < 6:
            recipe["steps"].pop()
    return recipe


def ask_order(check: Check, recipe: Recipe, root: int = -1) -> tuple[list[int], list[list[int]]]:
    """The learner's order as places in the graph under the root, and each node's children; root is node 0."""
    answer = check.learner("order", recipe, root)
    check.require(type(answer) is dict and list(answer) == ["order", "children"], "the answer has wrong parts")
    order, children = answer["order"], answer["children"]
    check.require(type(children) is list and all(type(row) is list for row in children), "the answer has wrong parts")
    for row in [order, *children]:
        check.require(type(row) is list and all(type(i) is int for i in row), "the answer has wrong parts")
        check.require(all(-1 <= i < len(children) for i in row), "the answer has wrong parts")
    # the graph is the learner's word, but it cannot be smaller than what was asked for
    check.require(len(children) >= fewest_nodes(recipe, root), "the graph has lost Values that the root depends on")
    return order, children


def fewest_nodes(recipe: Recipe, root: int) -> int:
    """How many different Values are under the root at least; relu may give its operand back."""
    inputs = len(recipe["inputs"])
    todo, seen = [root % (inputs + len(recipe["steps"]))], set()
    while todo:
        place = todo.pop()
        if place not in seen:
            seen.add(place)
            if place >= inputs:
                operation, i, j = recipe["steps"][place - inputs]
                todo += [i, j] if operation in ("+", "*") else [i]
    return sum(place < inputs or recipe["steps"][place - inputs][0] != "relu" for place in seen)


def compare_inputs(check: Check, recipe: Recipe, want: list[float], why: str) -> None:
    """One backward() of the last node: what the inputs hold then."""
    root, inputs = len(recipe["inputs"]) + len(recipe["steps"]) - 1, list(range(len(recipe["inputs"])))
    got = check.same("gradients", recipe, [], [root], inputs, abs=1e-9, why=why)
    check.close(got, want, abs=1e-9, why=why)


def numbers(check: Check, count: int) -> list[float]:
    """Numbers of either sign, none of them close to 0."""
    return [check.rng.choice([-1, 1]) * check.rng.uniform(0.5, 1.5) for _ in range(count)]


def test_order_holds_every_value_once(check: Check) -> None:
    """topological_order holds every Value that the root depends on, each of them once, and no other."""
    recipes = [random_recipe(check.rng) for _ in range(3)]
    twice = {"inputs": numbers(check, 1), "steps": [["*", 0, 0], ["+", 1, 1]]}
    equal = {"inputs": numbers(check, 1) * 2, "steps": [["*", 0, 1]]}  # two Values of one number
    asked = [(recipe, -1) for recipe in [*recipes, twice, equal]] + [(recipe, 9) for recipe in recipes] + [(twice, 0)]
    for recipe, root in asked:
        order, children = ask_order(check, recipe, root)
        check.require(-1 not in order, "the order holds a Value that the root does not depend on")
        check.require(len(set(order)) == len(order), "the order holds a Value more than once")
        check.require(len(order) == len(children), "a Value that the root depends on is missing from the order")


def test_children_come_before_parents(check: Check) -> None:
    """In topological_order children come before everything made from them, so that the root is last."""
    recipes = [uneven(check, ["*", 3, 2]), uneven(check, ["*", 2, 3])]
    for recipe in recipes + [random_recipe(check.rng) for _ in range(4)]:
        order, children = ask_order(check, recipe)
        check.require(bool(order) and order[-1] == 0, "the root is not the last of the order")
        place = {node: i for i, node in enumerate(order)}
        for parent, below in enumerate(children):
            check.require(
                all(place.get(child, len(order)) < place.get(parent, -1) for child in below),
                "a Value comes before one of its children in the order, or one of the two is missing",
            )


def uneven(check: Check, last: list) -> Recipe:
    """c = a * b, d = c + a, then d * c or c * d: from the root, c is one step away and also two."""
    return {"inputs": numbers(check, 2), "steps": [["*", 0, 1], ["+", 2, 0], last]}


def test_the_chain_rule_along_one_path(check: Check) -> None:
    """In a graph that uses every Value once, a leaf's gradient is the product of the slopes on its path."""
    a, b, c = numbers(check, 3)
    recipe = {"inputs": [a, b, c], "steps": [["*", 0, 1], ["exp", 3, None], ["+", 4, 2], ["**", 5, 3]]}
    outer = 3 * (math.exp(a * b) + c) ** 2
    want = [outer * math.exp(a * b) * b, outer * math.exp(a * b) * a, outer]
    compare_inputs(check, recipe, want, "a gradient is not the product of the slopes along its path")


def test_a_shared_value_adds_up(check: Check) -> None:
    """A Value used in several places gets the sum over all of them, whichever is nearer to the root."""
    why = "a Value used more than once must be finished, by all its parents, before its own children get their share"
    for last in (["*", 3, 2], ["*", 2, 3]):  # (a * b + a) * (a * b)
        recipe = uneven(check, last)
        a, b = recipe["inputs"]
        compare_inputs(check, recipe, [2 * a * b * b + 2 * a * b, 2 * a * a * b + a * a], why)
    a, b = numbers(check, 2)
    for steps in ([["*", 0, 0], ["*", 2, 0]], [["*", 0, 0], ["*", 0, 2]]):  # a * a * a, three uses of a
        compare_inputs(check, {"inputs": [a, b], "steps": steps}, [3 * a * a, 0.0], why)
    ladder = [["+", 0, 1], ["*", 2, 0], ["+", 3, 2], ["*", 4, 3], ["+", 2, 5]]  # long and short ways to 2 and 3
    recipe = {"inputs": [a, b], "steps": ladder}
    compare_inputs(check, recipe, leaf_gradients(recipe), why)


def test_gradients_of_random_graphs(check: Check) -> None:
    """In graphs of all six operations the gradients agree with derivatives worked out from the inputs up."""
    for _ in range(4):
        recipe = random_recipe(check.rng)
        compare_inputs(check, recipe, leaf_gradients(recipe), "a gradient is wrong in a larger graph")


def test_interior_values_are_reset(check: Check) -> None:
    """After backward every interior Value holds d(root)/d(it), whatever it held before, and the root holds 1."""
    recipe = uneven(check, ["*", 3, 2])
    a, b = recipe["inputs"]
    before = [0.0, 0.0, *numbers(check, 3)]
    why = "an interior Value must be reset by backward(), and the root's gradient set to 1 (not added to)"
    for roots in ([4], [4, 4, 4]):
        got = check.same("gradients", recipe, before, roots, [4, 3, 2], why=why)
        check.close(got, [1.0, a * b, 2 * a * b + a], why=why)


def test_leaves_accumulate(check: Check) -> None:
    """A leaf keeps what it held and gets its gradient on top, the same again on every further call."""
    recipe = uneven(check, ["*", 3, 2])
    held, want = numbers(check, 2), leaf_gradients(recipe)
    why = "a leaf must add its gradient to what it holds, and each call must add the same"
    for calls in (1, 2, 3):
        got = check.same("gradients", recipe, [*held, 0.0, 0.0, 0.0], [4] * calls, [0, 1], why=why)
        check.close(got, [h + calls * w for h, w in zip(held, want, strict=True)], why=why)


def test_two_roots_share_values(check: Check) -> None:
    """backward of a second root adds to the leaves what that root alone gives, though the two share interior Values."""
    a, b = numbers(check, 2)
    steps = [["*", 0, 1], ["**", 2, 2], ["exp", 2, None], ["*", 4, 0]]  # (a b)^2 and a e^(a b)
    recipe = {"inputs": [a, b], "steps": steps}
    first, second = leaf_gradients(recipe, 3), leaf_gradients(recipe, 5)
    both = [x + y for x, y in zip(first, second, strict=True)]
    why = "a second root that shares Values with the first must add its own gradient and nothing else"
    for roots in ([3, 5], [5, 3]):
        check.close(check.same("gradients", recipe, [], roots, [0, 1], why=why), both, why=why)


def test_other_values_are_left_alone(check: Check) -> None:
    """backward of a Value inside a larger graph changes only what that Value depends on."""
    recipe = {"inputs": numbers(check, 3), "steps": [["*", 0, 1], ["*", 3, 2], ["+", 4, 0]]}
    held = numbers(check, 3)
    got = check.same("gradients", recipe, [0.0, 0.0, held[0], 0.0, *held[1:]], [3], [2, 4, 5])
    check.close(got, held, why="backward() changed a Value that the root does not depend on")


def test_a_root_without_children(check: Check) -> None:
    """For a Value without children the order is that Value alone, and backward sets its gradient to 1."""
    recipe = {"inputs": numbers(check, 1), "steps": []}
    order, _ = ask_order(check, recipe)
    check.require(order == [0], "the order of a Value without children must hold that Value and nothing else")
    check.close(check.same("gradients", recipe, [], [0], [0]), [1.0])
    check.same("returned", recipe)


def test_shared_values_are_visited_once(check: Check) -> None:
    """Sixty diamonds on top of each other, 2**60 paths, take no longer than sixty operations of another shape."""
    a, b, x = check.rng.uniform(0.4, 0.6), check.rng.uniform(0.4, 0.6), check.rng.uniform(0.5, 1.5)
    steps, y = [], 2
    for _ in range(60):  # y = y * a + y * b
        place = 3 + len(steps)
        steps += [["*", y, 0], ["*", y, 1], ["+", place, place + 1]]
        y = place + 2
    recipe = {"inputs": [a, b, x], "steps": steps}
    slope = 60 * x * (a + b) ** 59
    compare_inputs(check, recipe, [slope, slope, (a + b) ** 60], "a gradient is wrong in a tower of diamonds")
    doublings = {"inputs": [x], "steps": [["+", i, i] for i in range(60)]}
    compare_inputs(check, doublings, [2.0**60], "sixty doublings must give a gradient of 2 ** 60")
    order, children = ask_order(check, recipe)
    check.require(len(order) == len(children), "the order must hold every Value of a tower of diamonds once")


def test_a_chain_of_100000(check: Check) -> None:
    """A chain of 100,000 operations works: no recursion, and time that grows in step with the length."""
    wrong = "the order of a long chain, or a gradient in it, is wrong"
    answer = check.same("chain", CHAIN, why=wrong)
    # x and w come first, then one link after the other
    check.close(answer, {"length": CHAIN + 2, "in_order": True, "gradients": [1.0, CHAIN / 2, 1.0]}, why=wrong)
