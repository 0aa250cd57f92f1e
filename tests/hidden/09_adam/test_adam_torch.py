"""Hidden tests of 09_adam, torch track. Each asks `probes_torch.py` for plain data and compares it.

Expected values come twice: from the reference, and from the formulas below, which are computed in plain Python.
"""

from __future__ import annotations

import math
from typing import Any

from grader.marking.check import Check

OPTIMIZER = (
    "Adam does not hold its parameters and its rate as a torch.optim.Optimizer does: is the base class told both?"
)
UPDATE = "the update by itself is wrong: p -= lr * m_hat / (sqrt(v_hat) + eps), with eps outside the root"
FIRST = "m is wrong: it is b1 m + (1 - b1) g, kept from step to step, and divided by 1 - b1^t in the update only"
SECOND = "v is wrong: it is b2 v + (1 - b2) g*g, kept from step to step, and divided by 1 - b2^t in the update only"
BOTH = "m and v by themselves may be right, together or with the default settings they are not"
GROUPS = "with parameter groups the update is wrong: every group has settings of its own, or else those given to Adam"
SKIPPED = "a parameter without gradient must be left alone, its m, its v and its t too"
RATE = "a rate given to step counts for this step, in all groups, and 0.0 is one too; otherwise each group's own holds"
SHAPES = "with another shape, dtype or kind of iterable the update is wrong"
CHANGED = "something else is changed: a gradient, what kind of tensors the parameters are, or a global setting"
DECAY = "linear_decay is lr * (1 - step / num_steps)"
LOSS = "the loss is wrong: it is the mean over all targets of the batch that are not -1, each counting the same"
GRADIENT = "the loss may be right, its gradient is not"
LOSSES = "the losses are wrong: is it make_batch with the state's block size, 4 heads, cleared gradients, linear decay?"
DOCS = "the documents of a step are wrong: docs[(step * batch_size + i) % len(docs)] for i below batch_size"
TRAINED = "the losses may be right, the parameters after training are not"
CALLED = "on_step must be called once after every update, with the number of the step, from 0, and its loss"

# Adam divides by sqrt(v_hat): what rounding leaves of a gradient that should be 0, some 1e-17, becomes a billionth of a
# step. Longer sums than ours, in another order, stay a hundred times below this.
ROUNDED = {"rel": 1e-6, "abs": 1e-8}
LETTERS = "abcdefgh"


def tensor(check: Check, *shape: int, size: float = 2.0, dtype: str = "float64") -> dict[str, Any]:
    values = [check.rng.uniform(0.3, 1) * size * check.rng.choice((-1, 1)) for _ in range(math.prod(shape))]
    return {"dtype": dtype, "shape": list(shape), "values": values}


def case_of(check: Check, settings: dict[str, Any], sizes: list[float], shapes: tuple = ((3,), (2, 2))) -> dict:
    """Parameters and a step for each of `sizes`, with gradients as large as that."""
    steps = [{"grads": [tensor(check, *shape, size=size) for shape in shapes]} for size in sizes]
    return {"params": [tensor(check, *shape) for shape in shapes], "settings": settings, "steps": steps}


def replay(case: dict[str, Any]) -> list[list[list[float]]]:
    """The numbers of all parameters after each step, by the formulas, one number at a time."""
    settings = {"lr": 0.01, "betas": [0.85, 0.99], "eps": 1e-8} | case["settings"]
    groups = case.get("groups") or [{"places": list(range(len(case["params"]))), "settings": {}}]
    groups = [{"places": group["places"]} | settings | group["settings"] for group in groups]
    numbers = [list(given["values"]) for given in case["params"]]
    kept = [[[0.0, 0.0] for _ in values] for values in numbers]
    counts = [0] * len(numbers)
    found = []
    for step in case["steps"]:
        for group, written in zip(groups, step.get("written", []), strict=False):
            group["lr"] = written
        for group in groups:
            (b1, b2), rate = group["betas"], step.get("rate", group["lr"])
            for place in group["places"]:
                grad = step["grads"][place]
                counts[place] += grad is not None
                for i, g in enumerate(grad["values"] if grad else []):
                    m, v = kept[place][i]
                    kept[place][i] = m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
                    root = math.sqrt(v / (1 - b2 ** counts[place]))
                    numbers[place][i] -= rate * (m / (1 - b1 ** counts[place])) / (root + group["eps"])
        found.append([list(values) for values in numbers])
    return found


def agree(check: Check, why: str, *cases: dict[str, Any], rel: float = 1e-9) -> None:
    """The learner's steps against the reference's and against the formulas.

    Parameters are of size 1: `rel` is meant of that, also where one has come near 0.
    """
    answers = check.same_each("walk", [[case] for case in cases], rel=rel, abs=rel, why=why)
    got = [[[p["values"] for p in step["params"]] for step in answer["steps"]] for answer in answers]
    check.close(got, [replay(case) for case in cases], rel=rel, abs=rel, why=why)


def sizes_of(check: Check, **given: float) -> dict[str, Any]:
    """A state whose weights are far from the initial ones."""
    sizes = {"seed": check.rng.randrange(10**6), "vocab": 5, "embd": 4, "layers": 1, "block": 6, "std": 0.6}
    return sizes | given


def names_of(check: Check, *lengths: int, letters: str = "abcd") -> list[str]:
    """A name of each length; together they hold all the letters."""
    found = ["".join(check.rng.choice(letters) for _ in range(n)) for n in lengths]
    longest = max(range(len(found)), key=lambda i: lengths[i])
    return [*found[:longest], letters + found[longest][len(letters) :], *found[longest + 1 :]]


def batch_of(check: Check, lengths: list[int], vocab: int = 5) -> dict[str, Any]:
    """Rows of tokens whose first places are kept, and one place inside that is not."""
    width = max(lengths)
    inputs = [[check.rng.randrange(vocab) for _ in range(width)] for _ in lengths]
    targets = [[check.rng.randrange(vocab) if i < n else -1 for i in range(width)] for n in lengths]
    targets[lengths.index(width)][1] = -1
    return {"inputs": inputs, "targets": targets}


def mean_loss(logits: list[list[list[float]]], targets: list[list[int]]) -> float:
    losses = []
    for rows, row_targets in zip(logits, targets, strict=True):
        for row, target in zip(rows, row_targets, strict=True):
            if target != -1:
                losses.append(math.log(math.fsum(math.exp(x - max(row)) for x in row)) - (row[target] - max(row)))
    return math.fsum(losses) / len(losses)


def test_an_optimizer_of_its_own(check: Check) -> None:
    """Adam is a torch.optim.Optimizer, not built on another one of torch, and fills param_groups as they do."""
    params = [tensor(check, 2), tensor(check, 3), tensor(check, 1)]
    rates = [check.rng.uniform(0.001, 0.1) for _ in range(2)]
    grouped = [{"places": [2, 0], "settings": {"lr": rates[0]}}, {"places": [1], "settings": {}}]
    cases = [{"params": params, "settings": {}}, {"params": params, "settings": {"lr": rates[1]}, "groups": grouped}]
    got = check.same_each("made", [[case] for case in cases], why=OPTIMIZER)
    check.close(got[0], {"rates": [0.01], "places": [[0, 1, 2]]}, why="the rate of an Adam that was given none is 0.01")
    check.close(got[1], {"rates": rates, "places": [[2, 0], [1]]}, why=OPTIMIZER)


def test_the_update_alone(check: Check) -> None:
    """With both betas 0 a step is lr * g / (|g| + eps), for a large eps too."""
    rate, eps = check.rng.uniform(0.02, 0.5), check.rng.uniform(0.1, 0.9)
    settings = {"lr": rate, "betas": [0.0, 0.0]}
    # m + (1 - b1) (g - m) is as good a form. Where g is r times less than m, it loses r digits, and r squared of v's.
    small, large = case_of(check, settings, [1.0, 0.2, 20.0]), case_of(check, settings | {"eps": eps}, [1.0, 0.1, 9.0])
    agree(check, UPDATE, small, large)
    values, grads = large["params"][0]["values"], large["steps"][0]["grads"][0]["values"]
    first = check.learner("walk", large)["steps"][0]["params"][0]["values"]
    check.close(first, [p - rate * g / (abs(g) + eps) for p, g in zip(values, grads, strict=True)], why=UPDATE)


def test_the_average_of_gradients(check: Check) -> None:
    """m is a running average of the gradients, corrected for its start at 0."""
    settings = {"lr": check.rng.uniform(0.02, 0.5), "betas": [check.rng.uniform(0.3, 0.95), 0.0], "eps": 0.3}
    agree(check, FIRST, case_of(check, settings, [1.0, 3.0, 0.1, 1.0]))


def test_the_average_of_squares(check: Check) -> None:
    """v is a running average of the squares of the gradients, corrected for its start at 0."""
    settings = {"lr": check.rng.uniform(0.02, 0.5), "betas": [0.0, check.rng.uniform(0.3, 0.95)], "eps": 0.3}
    agree(check, SECOND, case_of(check, settings, [1.0, 3.0, 0.1, 1.0]))


def test_both_averages(check: Check) -> None:
    """Many steps, with the default settings and with others, for small and large gradients."""
    betas = [check.rng.uniform(0.5, 0.8), check.rng.uniform(0.9, 0.999)]
    other = {"lr": check.rng.uniform(0.1, 0.5), "betas": betas, "eps": 1e-3}
    tiny = 3e-8  # where the default eps matters
    agree(check, BOTH, case_of(check, {}, [1.0, 1e3, 1e-4, 2.0]), case_of(check, {}, [tiny] * 2))
    agree(check, BOTH, case_of(check, other, [0.01, 1.0, 5.0]))


def test_parameter_groups(check: Check) -> None:
    """Each group is updated with its own lr, betas and eps; what a group does not name is what Adam was given."""
    case = case_of(check, {"lr": 0.3, "betas": [0.6, 0.9], "eps": 0.2}, [1.0, 0.2, 3.0], ((2,), (3,), (1, 2), (2,)))
    own = {"lr": check.rng.uniform(0.01, 0.1), "betas": [0.2, check.rng.uniform(0.5, 0.8)], "eps": 0.7}
    case["groups"] = [
        {"places": [3], "settings": {"lr": own["lr"]}},
        {"places": [0], "settings": {"betas": own["betas"]}},
        {"places": [1], "settings": own},
        {"places": [2], "settings": {"eps": own["eps"]}},
    ]
    plain = {**case, "settings": {}, "groups": [{"places": [1, 2], "settings": own}, {"places": [0], "settings": {}}]}
    agree(check, GROUPS, case, plain)


def test_parameters_without_gradient(check: Check) -> None:
    """A parameter without gradient is skipped: neither its numbers nor its averages nor its count of steps move."""
    settings = {"lr": check.rng.uniform(0.1, 0.5), "betas": [0.7, 0.9], "eps": 0.1}
    case = case_of(check, settings, [1.0, 0.5, 2.0, 1.0, 0.3], ((2,), (3,), (2,), (1,)))
    for place, missing in ((0, (0, 1)), (1, (1, 3)), (3, (0, 1, 2, 3, 4))):
        for i in missing:
            case["steps"][i]["grads"][place] = None
    agree(check, SKIPPED, case)


def test_a_rate_for_one_step(check: Check) -> None:
    """step(lr) uses a rate once, in all groups, and 0.0 is one too; one written into a group holds from then on."""
    settings = {"lr": check.rng.uniform(0.1, 0.5), "betas": [0.7, 0.9], "eps": 0.1}
    case = case_of(check, settings, [1.0, 0.5, 2.0, 1.0, 0.3], ((2,), (3,)))
    case["groups"] = [{"places": [0], "settings": {}}, {"places": [1], "settings": {"lr": 0.05}}]
    case["steps"][1]["rate"] = check.rng.uniform(1, 2)
    case["steps"][2]["rate"] = 0.0
    case["steps"][4] |= {"rate": check.rng.uniform(0.01, 0.04), "keyword": True}
    agree(check, RATE, case)
    case["steps"][3]["written"] = [check.rng.uniform(1, 2), 0.0]
    agree(check, RATE, case)


def test_any_shape_and_dtype(check: Check) -> None:
    """Parameters may be scalars or have many dimensions, be float32 or float64, and come from a generator."""
    settings = {"lr": 0.2, "betas": [0.7, 0.9], "eps": 0.1}
    case = case_of(check, settings, [1.0, 0.5], ((), (2, 1, 3), (1,)))
    agree(check, SHAPES, case, {**case, "generator": True})
    for given in [*case["params"], *(grad for step in case["steps"] for grad in step["grads"])]:
        given["dtype"] = "float32"
    agree(check, SHAPES, case, rel=1e-3)  # float32 rounds by 6e-8; float64 judges the formula


def test_nothing_else_is_changed(check: Check) -> None:
    """A step changes the numbers of the tensors it was given and nothing else; zero_grad clears their gradients."""
    case = case_of(check, {"lr": 0.2, "betas": [0.7, 0.9], "eps": 0.1}, [1.0, 0.5, 2.0])
    got = check.same("around", case, why=CHANGED)
    check.close([p["values"] for p in got["params"]], replay(case)[-1], why=CHANGED)
    check.close(got["grads"], case["steps"][-1]["grads"], why=CHANGED)
    flags = [got[name] for name in ("same gradients", "same parameters", "leaves", "cleared")]
    check.close([*flags, got["settings"]], [[True, True]] * 4 + [[]], why=CHANGED)


def test_linear_decay(check: Check) -> None:
    """linear_decay falls on a straight line from lr at step 0 towards 0 after the last step."""
    rates = [check.rng.uniform(0.001, 2) for _ in range(5)]
    cases = [
        [rate, step, n] for rate, (step, n) in zip(rates, ((0, 7), (3, 7), (6, 7), (0, 1), (499, 1000)), strict=True)
    ]
    got = check.same_each("decay", cases, why=DECAY)
    check.close(got, [lr * (n - step) / n for lr, step, n in cases], why=DECAY)


def test_loss_of_a_batch(check: Check) -> None:
    """batch_loss is the mean of -ln p over all targets that are not -1, whatever row they stand in."""
    cases, wanted = [], []
    for lengths, heads in (([3], None), ([6, 2, 4], None), ([2, 5], 2)):
        sizes, case = sizes_of(check), batch_of(check, lengths)
        logits = check.reference("logits", sizes, case["inputs"], heads or 4)
        wanted.append({"dtype": "float64", "shape": [], "values": [mean_loss(logits, case["targets"])]})
        cases.append([sizes, case | ({"heads": heads} if heads else {})])
    got = check.same_each("loss", cases, why=LOSS)
    check.close(got, wanted, why=LOSS)
    # float32 rounds by 6e-8; float64 judges the formula
    check.same("loss", cases[0][0], cases[0][1] | {"dtype": "float32"}, rel=1e-3, abs=1e-3, why=LOSS)


def test_gradient_of_the_loss(check: Check) -> None:
    """The gradients of batch_loss by all matrices are right."""
    sizes, case = sizes_of(check), batch_of(check, [2, 5, 3])
    got = check.same("gradient", sizes, case, rel=1e-8, abs=1e-11, why=GRADIENT)
    # Only lm_head is moved: on the way from it there is no relu, whose kink would spoil a difference.
    moved = [["lm_head", check.rng.randrange(5), check.rng.randrange(4), check.rng.choice((-3e-5, 3e-5))] for _ in "ab"]
    back = [[*place, -by] for *place, by in moved]
    up, down = check.learner_each("loss", [[sizes, case | {"moved": moved}], [sizes, case | {"moved": back}]])
    check.close([up["shape"], down["shape"]], [[], []], why=GRADIENT)
    slope = math.fsum(got["lm_head"]["values"][row * 4 + column] * by for _, row, column, by in moved)
    # the term of third order is below 1e-12, and rounding 1e-16
    check.close((up["values"][0] - down["values"][0]) / 2, slope, rel=0, abs=1e-10, why=GRADIENT)


def test_losses_of_training(check: Check) -> None:
    """train returns the loss of every step, before its update; names longer than the block are cut to the state's."""
    names = names_of(check, 2, 6)
    why = "names are cut to the state's block size, be it shorter or longer than 16"
    long = check.same("train", sizes_of(check, block=18, embd=4), names_of(check, 19, 2), 1, {}, why=why, **ROUNDED)
    got = check.same("train", sizes_of(check, block=4), names, 2, {"lr": 0.3}, why=LOSSES, **ROUNDED)
    check.close([len(long["losses"]), len(got["losses"])], [1, 2], why=LOSSES)
    none = check.same("train", sizes_of(check), names, 0, {}, why="training for 0 steps returns []")
    check.close(none["losses"], [], why="training for 0 steps returns []")


def test_documents_of_each_step(check: Check) -> None:
    """Every step takes the next batch_size documents, starting over at the end, and leaves the list as it is."""
    names = names_of(check, 1, 5, 3, 2)
    got = check.same("train", sizes_of(check), names, 2, {"batch_size": 3}, why=DOCS, **ROUNDED)
    check.close(got["docs"], names, why="train changes the list of documents")
    few = names_of(check, 1, 4)
    check.same("train", sizes_of(check), few, 1, {"batch_size": 3, "lr": 0.05}, why=DOCS, **ROUNDED)


def test_parameters_after_training(check: Check) -> None:
    """After training the state's own tensors hold the numbers that the updates give."""
    sizes = sizes_of(check, embd=8, layers=1, block=5)
    check.same("train", sizes, names_of(check, 4, 2, 6), 2, {"lr": 0.02, "batch_size": 2}, why=TRAINED, **ROUNDED)


def test_on_step(check: Check) -> None:
    """on_step(step, loss) is called after every update, with a whole number and a float."""
    got = check.same("calls", sizes_of(check), names_of(check, 4, 2), 2, why=CALLED, **ROUNDED)
    check.close(
        [[step, loss] for step, loss, _ in got["calls"]], [[i, x] for i, x in enumerate(got["losses"])], why=CALLED
    )
    check.close(got["calls"][-1][2], got["after"], why=CALLED)
