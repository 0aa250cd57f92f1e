"""What grader/jail/torch_guard.py sees of torch's optimizers, schedulers and samplers, and what it leaves alone."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler

from grader.jail.torch_guard import Guard, resolve

RULES = tomllib.loads((Path(__file__).parents[2] / "course.toml").read_text("utf-8")).get("forbidden", [])
KEYS = ("operations", "functions", "python")
NEWER = {"torch.optim.Muon"}  # not in every version of torch that the course allows
OLDER = {f"torch.optim.adamw.{kind}_adamw" for kind in ("_single_tensor", "_multi_tensor", "_fused")}

OPTIMIZERS = [
    name for name, found in vars(torch.optim).items() if inspect.isclass(found) and found is not torch.optim.Optimizer
]
SCHEDULERS = {
    "ChainedScheduler": lambda kind, own: kind([lr_scheduler.StepLR(own, 1)], own),
    "ConstantLR": lambda kind, own: kind(own),
    "CosineAnnealingLR": lambda kind, own: kind(own, 5),
    "CosineAnnealingWarmRestarts": lambda kind, own: kind(own, 5),
    "CyclicLR": lambda kind, own: kind(own, 0.1, 0.2, cycle_momentum=False),
    "ExponentialLR": lambda kind, own: kind(own, 0.5),
    "LRScheduler": lambda kind, own: torch.optim.swa_utils.SWALR(own, 0.1),
    "LambdaLR": lambda kind, own: kind(own, lambda step: 1 - step / 5),
    "LinearLR": lambda kind, own: kind(own),
    "MultiStepLR": lambda kind, own: kind(own, [2]),
    "MultiplicativeLR": lambda kind, own: kind(own, lambda step: 0.5),
    "OneCycleLR": lambda kind, own: kind(own, 0.1, total_steps=5, cycle_momentum=False),
    "PolynomialLR": lambda kind, own: kind(own),
    "ReduceLROnPlateau": lambda kind, own: kind(own),
    "SequentialLR": lambda kind, own: kind(own, [lr_scheduler.ConstantLR(own), lr_scheduler.ConstantLR(own)], [2]),
    "StepLR": lambda kind, own: kind(own, 2),
    "_LRScheduler": lambda kind, own: lr_scheduler.StepLR(own, 2),
}
LOGITS = torch.tensor([0.5, -1.0, 2.0])


class Plain(torch.optim.Optimizer):
    """An optimizer of the learner's own."""

    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p -= group["lr"] * p.grad


class Heir(torch.optim.Adam):
    """A learner's Adam that is torch's."""

    def __init__(self, params):
        super().__init__(params, 0.01, (0.85, 0.99))


class Empty(torch.optim.AdamW):
    """Leaves out the constructor of the class that it uses."""

    def __init__(self, params):
        torch.optim.Optimizer.__init__(self, params, {"lr": 0.01})


def parameters():
    made = [torch.tensor([1.0, -2.0], requires_grad=True)]
    (made[0] * made[0]).sum().backward()
    return made


def without_constructor():
    """torch's step on an object that its constructor never saw."""
    made = object.__new__(torch.optim.Adam)
    defaults = torch.optim.Adam.__init__.__kwdefaults__
    settings = {"lr": 0.01, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False, **defaults}
    torch.optim.Optimizer.__init__(made, parameters(), settings)
    made.step()


def adam_arguments():
    (p,) = parameters()
    settings = {"amsgrad": False, "beta1": 0.9, "beta2": 0.99, "lr": 0.01, "weight_decay": 0.0, "eps": 1e-8}
    return [[p.detach()], [p.grad], [torch.zeros(2)], [torch.zeros(2)], [], [torch.zeros(())]], settings


def functional():
    lists, settings = adam_arguments()
    torch.optim._functional.adam(*lists, maximize=False, **settings)


def single_tensor():
    lists, settings = adam_arguments()
    more = {name: False for name, given in SINGLE.items() if given.kind is given.KEYWORD_ONLY and name not in settings}
    resolve("torch.optim.adam._single_tensor_adam")(*lists, None, None, **settings, **more)


def fused():
    lists, settings = adam_arguments()
    torch._fused_adam_(*lists, maximize=False, **settings)


ALIAS = torch.optim.Adam
ALIASED_FUNCTION = torch.optim._functional.adam
SINGLE = inspect.signature(resolve("torch.optim.adam._single_tensor_adam")).parameters
OPTIMIZER_SPELLINGS = {
    "class": lambda: torch.optim.Adam(parameters()),
    "alias": lambda: ALIAS(parameters()),
    "getattr": lambda: getattr(torch.optim, "Ad" + "amW")(parameters()),
    "subclass": lambda: Heir(parameters()),
    "constructor": lambda: torch.optim.Adam.__init__(object.__new__(torch.optim.Adam), parameters()),
    "without the constructor": without_constructor,
    "functional": functional,
    "single tensor": single_tensor,
    "fused": fused,
    "fused operator": lambda: torch.ops.aten._fused_adam_.default(
        *adam_arguments()[0], maximize=False, **adam_arguments()[1]
    ),
}

SAMPLER_SPELLINGS = {
    "torch": lambda: torch.multinomial(LOGITS.exp(), 1),
    "method": lambda: LOGITS.exp().multinomial(1),
    "aten": lambda: torch.ops.aten.multinomial(LOGITS.exp(), 1),
    "out=": lambda: torch.multinomial(LOGITS.exp(), 1, out=torch.empty(1, dtype=torch.long)),
    "inference mode": lambda: torch.inference_mode()(torch.multinomial)(LOGITS.exp(), 1),
    "sampler": lambda: list(torch.utils.data.WeightedRandomSampler(LOGITS.exp().tolist(), 1)),
    "Categorical": lambda: torch.distributions.Categorical(logits=LOGITS),
    "OneHotCategorical": lambda: torch.distributions.OneHotCategorical(logits=LOGITS),
    "Multinomial": lambda: torch.distributions.Multinomial(logits=LOGITS),
    "Gumbel": lambda: torch.distributions.Gumbel(0.0, 1.0),
    "RelaxedOneHotCategorical": lambda: torch.distributions.RelaxedOneHotCategorical(torch.tensor(0.5), logits=LOGITS),
    "gumbel_softmax": lambda: F.gumbel_softmax(LOGITS, hard=True),
}

HONEST_SAMPLERS = {
    "a point on the line": lambda: torch.searchsorted((LOGITS - 2).exp().cumsum(0), torch.rand(())),
    "Gumbel noise": lambda: (LOGITS - torch.empty(3).exponential_().log()).argmax(),
    "more noise": lambda: (LOGITS - (-torch.rand(3).log()).log()).argmax(),
    "bernoulli": lambda: torch.bernoulli(torch.tensor(0.5)),
    "permutation": lambda: torch.randperm(3),
}


def forbidden(step: str) -> dict[str, list[str]]:
    """What the course forbids first in this step."""
    rules = [rule for rule in RULES if rule["first"] == step]
    return {key: [name for rule in rules for name in rule.get(key, [])] for key in KEYS}


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_of_torch_is_seen(guard, name):
    kind = getattr(torch.optim, name)
    matrix = [torch.ones(2, 2, requires_grad=True)]  # Muon takes matrices only
    with guard.watch(forbidden("09_adam")) as used:
        kind(matrix)
    assert f"torch.optim.{name}" in used


@pytest.mark.parametrize("spelling", OPTIMIZER_SPELLINGS)
def test_every_way_to_adam_is_seen(guard, spelling):
    with guard.watch(forbidden("09_adam")) as used:
        OPTIMIZER_SPELLINGS[spelling]()
    assert used
    assert len(used) == len(set(used))


def test_every_scheduler_of_torch_is_listed_here():
    found = {
        name
        for name, kind in vars(lr_scheduler).items()
        if inspect.isclass(kind) and issubclass(kind, lr_scheduler.LRScheduler)
    }
    assert found <= set(SCHEDULERS)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")  # no step was made so far
@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_is_seen(guard, name):
    own = Plain(parameters())
    own.step()
    with guard.watch(forbidden("09_adam")) as used:
        SCHEDULERS[name](getattr(lr_scheduler, name), own)
    assert used


@pytest.mark.parametrize("spelling", SAMPLER_SPELLINGS)
def test_every_way_to_sample_is_seen(guard, spelling):
    with guard.watch(forbidden("10_sampling")) as used:
        SAMPLER_SPELLINGS[spelling]()
    assert used


@pytest.mark.parametrize("case", HONEST_SAMPLERS)
def test_honest_sampling_is_not_accused(guard, case):
    with guard.watch(forbidden("10_sampling")) as used:
        HONEST_SAMPLERS[case]()
    assert used == []


def test_an_optimizer_of_ones_own_is_not_accused(guard):
    made = parameters()
    with guard.watch(forbidden("09_adam")) as used:
        own = Plain([{"params": made, "lr": 0.5}])
        own.zero_grad()
        made[0].square().sum().backward()
        own.step()
        torch._foreach_mul_([p.detach() for p in made], 2.0)
    assert used == []
    assert made[0].tolist() == [0.0, 0.0]


def test_a_class_that_skips_the_constructor_is_known_by_its_bases(guard):
    """The guard sees calls; whose heir an optimizer is, the probes of 09 look up."""
    with guard.watch(forbidden("09_adam")) as used:
        Empty(parameters())
    assert used == []
    assert torch.optim.AdamW in Empty.__mro__


def test_watched_optimizers_work_as_ever(guard):
    watched, plain = parameters(), parameters()
    with guard.watch(forbidden("09_adam")) as used:
        inside = torch.optim.Adam(watched, lr=0.1, betas=(0.5, 0.9), weight_decay=0.1)
        inside.step()
        with pytest.raises(ValueError, match="learning rate"):
            torch.optim.Adam(watched, lr=-1.0)
    torch.optim.Adam(plain, lr=0.1, betas=(0.5, 0.9), weight_decay=0.1).step()
    assert used[0] == "torch.optim.Adam"
    assert torch.equal(watched[0], plain[0])
    assert inside.defaults["betas"] == (0.5, 0.9)


def test_everything_is_as_before_after_the_block(guard):
    functions = [torch.optim.Adam.__init__, torch.optim._functional.adam, torch.distributions.Distribution.__init__]
    before = [(function, function.__code__, inspect.signature(function)) for function in functions]
    rules = {"python": [*forbidden("09_adam")["python"], *forbidden("10_sampling")["python"]]}
    with pytest.raises(KeyError), guard.watch(rules) as used:  # noqa: PT012  # the error comes last
        assert torch.optim.Adam.__init__ is functions[0]
        assert functions[0].__code__ is not before[0][1]
        raise KeyError
    assert used == []
    torch.optim.Adam(parameters())
    assert used == []
    after = [torch.optim.Adam.__init__, torch.optim._functional.adam, torch.distributions.Distribution.__init__]
    assert [(function, function.__code__, inspect.signature(function)) for function in after] == before


def test_a_reference_taken_inside_a_block_says_nothing_later(guard):
    with guard.watch(forbidden("09_adam")) as first:
        taken = torch.optim._functional.adam
    assert taken is ALIASED_FUNCTION
    functional()
    with guard.watch(forbidden("09_adam")) as second:
        lists, settings = adam_arguments()
        taken(*lists, maximize=False, **settings)
    assert first == []
    assert second[0] == "torch.optim._functional.adam"


def test_a_name_that_torch_lacks_is_harmless(guard):
    unknown = ["torch.optim.NoSuch", "torch.nowhere.at.all", "torch.optim.nowhere._adam", "torch.float32"]
    with guard.watch({"python": [*unknown, "torch.optim.SGD"]}) as used:
        torch.optim.SGD(parameters())
    assert used == ["torch.optim.SGD"]


def test_every_python_name_in_the_course_exists():
    names = {name for rule in RULES if rule["track"] == "torch" for name in rule.get("python", [])}
    assert {name for name in names if resolve(name) is None} <= NEWER | OLDER
    assert {f"torch.optim.{name}" for name in OPTIMIZERS} <= names


def test_functional_forms_are_all_named_in_the_course():
    own = vars(torch.optim._functional)
    found = {name for name, function in own.items() if inspect.isfunction(function) and not name.startswith("_")}
    assert {f"torch.optim._functional.{name}" for name in found} <= set(forbidden("09_adam")["python"])
