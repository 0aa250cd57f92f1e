"""Hidden tests of 02_backward, torch track. Each asks `probes_torch.py` for plain data and compares it.

The expected gradients come from torch's own engine, run beside the reference solution.
"""

from __future__ import annotations

import math
from typing import Any

from grader.marking.check import Check

CHAIN = 1_500  # operations, each a node: Python's stack ends at 1,000, and the probe leaves 200 of it


def tensor(check: Check, *shape: int, dtype: str = "float64", needs: bool = True) -> dict[str, Any]:
    """A random leaf whose elements keep away from 0, differ, and have either sign."""
    values = [check.rng.uniform(0.3, 1.5) * check.rng.choice([-1, 1]) for _ in range(math.prod(shape))]
    values[:2] = [abs(values[0]), *(-abs(x) for x in values[1:2])]
    return {"dtype": dtype, "shape": list(shape), "values": values, "needs": needs}


def leaves(check: Check, needs: tuple[bool, ...] = (True, True, True, True)) -> list[dict]:
    """a (3, 4), b (3, 4), v (4,) and s ()."""
    shapes = ((3, 4), (3, 4), (4,), ())
    return [tensor(check, *shape, needs=need) for shape, need in zip(shapes, needs, strict=True)]


def agree(check: Check, cases: tuple[str, ...], why: str, needs: tuple[bool, ...] = (True, True, True, True)) -> None:
    """The learner's gradients against the engine's, for fresh leaves each time."""
    for case in cases:
        given = leaves(check, needs)
        # 1e-9: up to a hundred roundings of 1e-16, with some cancellation; 1e-5 where float32 takes part
        rel = 1e-5 if case == "dtypes" else 1e-9
        want = check.reference("engine_gradients", case, given)
        check.close(check.learner("gradients", case, given, 1), want, rel=rel, abs=rel / 1000, why=why)


def in_order(check: Check, case: str, given: list[dict]) -> None:
    """The learner's order of one graph has every node once, children first and the root last."""
    want, got = check.reference("order", case, given), check.learner("order", case, given)
    check.require(type(got) is dict and list(got) == list(want), "the answer has wrong parts")
    count = len(want["names"])
    check.close(
        got["first"], list(range(len(got["first"]))) if type(got["first"]) is list else [], why="a node stands twice"
    )
    check.require(type(got["names"]) is list and all(type(n) is str for n in got["names"]), "the names must be text")
    check.require(
        len(got["names"]) >= count, "a node that the root depends on is missing: the nodes of leaves count too"
    )
    check.require(
        sorted(got["names"]) == sorted(want["names"]), "there are nodes in the order that do not belong to it"
    )
    rows = got["children"]
    well_formed = type(rows) is list and len(rows) == count and all(type(row) is list for row in rows)
    check.require(well_formed and all(type(i) is int for row in rows for i in row), "the answer has wrong parts")
    check.require(all(i >= 0 for row in rows for i in row), "a node that the root depends on is missing")
    early = all(i < place for place, row in enumerate(rows) for i in row)
    check.require(early, "a node stands before one of its children (next_functions)")
    check.close(got["root"], count - 1, why="root.grad_fn must stand last")


def test_order_is_topological(check: Check) -> None:
    """topological_order lists every node that the root depends on once, leaves too, children first, root last."""
    for case in ("scalar", "diamond", "sum_first", "unbind", "in_place", "blend_of_blend", "cat"):
        in_order(check, case, leaves(check))
    needs = [(True, False, True, False), (False, True, True, True)]
    for case, need in zip(("row_to_rows", "detached"), needs, strict=True):
        in_order(check, case, leaves(check, need))


def test_order_of_a_leaf_is_empty(check: Check) -> None:
    """topological_order of a tensor that was not computed from others is []."""
    for grad in (True, False):
        check.close(
            check.learner("order_of_a_leaf", tensor(check, 3), grad), [], why="a leaf has no nodes under it: []"
        )


def test_gradients_along_one_path(check: Check) -> None:
    """backward multiplies the derivatives along a path; the root may have the shape (), (1,) or (1, 1)."""
    given = leaves(check)
    got = check.same("gradients", "row", given, 1, why="the gradient along a single path is wrong")
    check.close(got[2]["values"], [2.5 * math.cos(x) for x in given[2]["values"]])
    cases = ("scalar", "row", "mean", "one_element", "rows_by_rows")
    agree(check, cases, "the gradient along a single path is wrong")


def test_gradients_add_up(check: Check) -> None:
    """A tensor that is used several times gets the sum of the gradients of all its uses."""
    why = "a tensor with several uses has a wrong gradient: is the sum complete, and is no gradient changed in place?"
    given = leaves(check)
    got = check.same("gradients", "square", given, 1, why=why)
    check.close(got[0]["values"], [2 * x + 1 for x in given[0]["values"]], why=why)
    agree(check, ("square", "diamond", "sum_first", "sum_last"), why)
    for _ in range(3):
        inputs = [tensor(check, 3) for _ in range(3)]
        steps = []
        for last in range(3, 15):
            pick = check.rng.choice([last - 1, check.rng.randrange(last)])
            steps.append([check.rng.choice(["+", "+", "*", "sin"]), pick, check.rng.randrange(last)])
        steps += [["sin", 14, 0], ["+", 0, 1], ["+", 15, 16], ["*", 2, 17]]  # bounded, and every leaf is used
        check.same("recipe_gradients", steps, inputs, abs=1e-9, why=why)


def test_broadcast_inputs(check: Check) -> None:
    """A tensor that was broadcast, expanded or converted gets a gradient of its own shape and dtype."""
    why = "a tensor that was broadcast or converted has a wrong gradient: it is the sum over its copies"
    agree(check, ("row_to_rows", "column", "expanded", "outer", "dtypes"), why)


def test_nodes_of_several_outputs(check: Check) -> None:
    """Operations of several outputs (unbind, split, max, topk) work, and the root may be any of the outputs."""
    why = "the gradients of a node's outputs must be kept apart: (next_node, i) says which output, root.output_nr too"
    agree(check, ("unbind", "unbind_root", "unbind_shared", "split", "max", "topk", "norm_root", "norms"), why)


def test_views_and_pieces(check: Check) -> None:
    """Slices, indices, cat, stack, where and operations in place have the right gradients."""
    why = "the gradient is wrong where tensors are cut up, put together or changed in place"
    agree(check, ("slices", "indices", "cat", "stack", "where", "in_place"), why)


def test_functions_written_in_python(check: Check) -> None:
    """Functions written in Python work: numbers among their operands, several outputs, None for a gradient."""
    why = "the gradient is wrong where a Function written in Python takes part"
    cases = ("blend", "blend_left", "blend_right", "blend_of_blend", "mute", "linear", "largest")
    agree(check, cases, why)


def test_inputs_without_gradient(check: Check) -> None:
    """Constants, detached tensors and tensors that need no gradient get none, and the others are right."""
    why = "only leaves that require grad and that the root depends on get a gradient; the others keep None"
    agree(check, ("detached", "constants", "scalar", "mute_a_leaf"), why)
    for needs in ((True, False, True, False), (False, True, False, True)):
        agree(check, ("diamond", "row_to_rows", "blend_left", "where"), why, needs)


def test_gradients_accumulate(check: Check) -> None:
    """A second call of backward, or another root, adds to the gradient that is there; no leaf is changed."""
    why = "a leaf's gradient must be added to what is there already"
    for case in ("diamond", "linear", "unbind", "blend"):
        given = leaves(check)
        once = check.reference("engine_gradients", case, given)
        double = [g and {**g, "values": [2 * x for x in g["values"]]} for g in once]
        check.close(check.learner("gradients", case, given, 2), double, why=why)
        after = [{key: one[key] for key in ("dtype", "shape", "values")} for one in given]
        check.close(check.learner("operands_after", case, given, 2), after, why="backward changed a leaf itself")
    given, before = leaves(check), leaves(check)
    got = check.same("two_roots", "mean", "row_to_rows", given, before, why=why)
    parts = [before, check.reference("engine_gradients", "mean", given)]
    parts.append(check.reference("engine_gradients", "row_to_rows", given))
    for i in range(4):
        sums = [sum(xs) for xs in zip(*(part[i]["values"] for part in parts if part[i] is not None), strict=True)]
        check.close(got[i]["values"], sums, why=why)


def test_gradients_are_tensors_of_their_own(check: Check) -> None:
    """leaf.grad does not require grad, and two leaves never share one: overwriting one leaves the others alone."""
    why = "two leaves share one gradient tensor: changing one of them changed the other"
    for case in ("sum_of_two", "linear"):
        given = leaves(check)
        check.same("independent", case, given, why=why)


def test_a_long_chain(check: Check) -> None:
    """A graph deeper than Python's stack works, in topological_order and in backward."""
    factor = 1 + check.rng.uniform(1e-5, 1e-4)
    why = "the gradient at the end of a long chain is wrong"
    got = check.same("chain", tensor(check, 2), CHAIN, factor, why=why)
    check.close(got["grads"][0]["values"], [factor**CHAIN] * 2, rel=1e-9, why=why)
    check.close(check.learner("order_of_a_chain", tensor(check, 2), CHAIN), CHAIN + 1, why="nodes are missing")


def test_shared_nodes_run_once(check: Check) -> None:
    """60 doublings, y = y + y, have 2^60 paths but 60 nodes: every node is run once."""
    count = check.rng.randint(55, 60)
    got = check.same("doublings", tensor(check), count, why="the sum over all paths is wrong")
    check.close(got[0]["values"], [2.0**count])


def test_loss_of_a_small_gpt(check: Check) -> None:
    """The gradients of a small transformer's loss are those of torch, and no global setting is changed."""
    shapes = ((5, 4), (6, 4), (4, 4), (4, 4), (4, 4))
    given = [tensor(check, *shape) for shape in shapes]
    want = check.reference("engine_gradients", "gpt", given)
    check.close(check.learner("gradients", "gpt", given, 1), want, why="a gradient of the model's loss is wrong")
    check.close(check.learner("settings_after", "gpt", given), [], why="a global setting of torch or Python is changed")
