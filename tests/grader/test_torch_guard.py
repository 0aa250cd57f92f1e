"""What grader/jail/torch_guard.py sees, by spelling, and what it leaves alone."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.autograd.forward_ad as forward_ad
import torch.nn.functional as F

from grader.jail.torch_guard import ENGINE, FORWARD, Guard, engine_grad, resolve

RULES = tomllib.loads((Path(__file__).parents[2] / "course.toml").read_text("utf-8")).get("forbidden", [])
ENGINE_ONLY = {"engine": True, "functions": ["torch.Tensor.backward", "torch.autograd.grad"]}
OPERATIONS = ["_softmax", "softmax", "_safe_softmax", "_masked_softmax", "_sparse_softmax", "_log_softmax", "logsumexp"]
OPERATIONS += ["nll_loss_forward", "nll_loss2d_forward"]

# An older torch lacks some names of the course's, which does no harm (test_names_that_torch_lacks_are_harmless).
NEW_ENOUGH = pytest.mark.skipif(torch.__version__ < (2, 13), reason="the names are those of torch 2.13")
X = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
LEAF = X.clone().requires_grad_()
TARGETS = torch.tensor([2, 0])


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard()


def root() -> torch.Tensor:
    return (LEAF * LEAF).sum()


def run_engine(engine: object) -> None:
    engine.run_backward((root(),), (torch.tensor(1.0),), False, False, (LEAF,), True, False)


def dual_numbers() -> None:
    with forward_ad.dual_level():
        forward_ad.unpack_dual(forward_ad.make_dual(X, X) * 2)


class Subclass(torch._C._ImperativeEngine):
    """An engine of the learner's own."""


class LinearInside(torch.autograd.Function):
    """Its forward calls what is forbidden."""

    @staticmethod
    def forward(ctx, x, w):
        return F.linear(x, w)


class Cheat(torch.autograd.Function):
    """Its backward asks the engine, one level further down."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, grad):
        with torch.enable_grad():
            x = ctx.saved_tensors[0].detach().requires_grad_()
            return torch.autograd.grad(x * x, x, grad)


ENGINE_SPELLINGS = {
    "method": lambda: root().backward(),
    "getattr": lambda: getattr(root(), "back" + "ward")(),
    "class": lambda: torch.Tensor.backward(root()),
    "grad": lambda: torch.autograd.grad(root(), LEAF),
    "autograd.backward": lambda: torch.autograd.backward(root()),
    "jacobian": lambda: torch.autograd.functional.jacobian(torch.sin, X),
    "func.grad": lambda: torch.func.grad(lambda x: x.sum())(X),
    "func.vjp": lambda: torch.func.vjp(torch.sin, X)[1](X),
    "func.jacrev": lambda: torch.func.jacrev(torch.sin)(X),
    "gradcheck": lambda: torch.autograd.gradcheck(torch.sin, LEAF.double()),
    "aten._backward": lambda: torch.ops.aten._backward(root(), [LEAF]),
    "aten overload": lambda: torch.ops.aten._backward.default(root(), [LEAF]),
    "the engine itself": lambda: run_engine(torch.autograd.Variable._execution_engine),
    "a new engine": lambda: run_engine(torch._C._ImperativeEngine()),
    "an engine's subclass": lambda: run_engine(Subclass()),
    "hidden from modes": lambda: hidden_from_modes(),
    "inside a backward": lambda: granted(Cheat.apply(LEAF).sum()),
    "optimizer closure": lambda: torch.optim.SGD([LEAF], lr=0.0).step(lambda: root().backward()),
}

FORWARD_SPELLINGS = {
    "func.jvp": lambda: torch.func.jvp(torch.sin, (X,), (X,)),
    "func.jacfwd": lambda: torch.func.jacfwd(torch.sin)(X),
    "dual numbers": dual_numbers,
}

SOFTMAX_SPELLINGS = {
    "method": lambda: X.softmax(-1),
    "torch": lambda: torch.softmax(X, -1),
    "F": lambda: F.softmax(LEAF, -1),
    "special": lambda: torch.special.softmax(X, -1),
    "module": lambda: torch.nn.Softmax(-1)(X),
    "softmin": lambda: F.softmin(X, -1),
    "log_softmax": lambda: X.log_softmax(-1),
    "special.log_softmax": lambda: torch.special.log_softmax(X, -1),
    "logsumexp": lambda: X.logsumexp(-1),
    "special.logsumexp": lambda: torch.special.logsumexp(X, -1),
    "aten": lambda: torch.ops.aten.softmax.int(X, -1),
    "aten._softmax": lambda: torch.ops.aten._softmax(LEAF, -1, False),
    "out=": lambda: torch.softmax(X, -1, out=torch.empty(2, 3)),
    "_safe_softmax": lambda: torch._safe_softmax(X, -1),
    "_masked_softmax": lambda: torch._masked_softmax(X, X > 0, -1),
    "sparse": lambda: torch.sparse.softmax(X.to_sparse(), -1),
    "gumbel": lambda: F.gumbel_softmax(X),
    "distribution": lambda: torch.distributions.Categorical(logits=X).probs,
    "vmap": lambda: torch.func.vmap(lambda row: row.softmax(-1))(X),
    "inference mode": lambda: in_inference_mode(),
    "cross_entropy": lambda: F.cross_entropy(LEAF, TARGETS),
    "cross_entropy of probabilities": lambda: F.cross_entropy(X, X.exp()),
    "module loss": lambda: torch.nn.CrossEntropyLoss()(X, TARGETS),
    "nll_loss": lambda: F.nll_loss(X, TARGETS),
    "torch._C._nn": lambda: torch._C._nn.nll_loss_nd(X, TARGETS),
    "nll_loss2d": lambda: F.nll_loss(X.T[None, :, :, None], TARGETS[None, :, None]),
}

W = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])
IDS = torch.tensor([[1, 0, 1]])

LAYER_SPELLINGS = {
    "F.linear": lambda: F.linear(X, W),
    "torch._C._nn": lambda: torch._C._nn.linear(X, W),
    "aten.linear": lambda: torch.ops.aten.linear(X, W),
    "aten overload": lambda: torch.ops.aten.linear.default(X, W),
    "linear out=": lambda: torch.ops.aten.linear.out(X, W, out=torch.empty(2, 2)),
    "torch.nn.Linear": lambda: torch.nn.Linear(3, 2)(X),
    "functional_call": lambda: torch.func.functional_call(torch.nn.Linear(3, 2, bias=False), {"weight": W}, (X,)),
    "vmap": lambda: torch.func.vmap(lambda row: F.linear(row, W))(X),
    "inside a Function": lambda: LinearInside.apply(X, W),
    "linear in inference mode": lambda: inference(lambda: F.linear(X, W)),
    "hidden in inference mode": lambda: inference(lambda: hidden(lambda: F.linear(X, W))),
    "F.rms_norm": lambda: F.rms_norm(X, (3,)),
    "torch.rms_norm": lambda: torch.rms_norm(X, (3,)),
    "torch._C.rms_norm": lambda: torch._C._VariableFunctions.rms_norm(X, (3,)),
    "aten.rms_norm": lambda: torch.ops.aten.rms_norm(X, [3]),
    "torch.nn.RMSNorm": lambda: torch.nn.RMSNorm(3)(LEAF),
    "rms_norm in inference mode": lambda: inference(lambda: F.rms_norm(X, (3,))),
    "F.layer_norm": lambda: F.layer_norm(X, (3,)),
    "torch.layer_norm": lambda: torch.layer_norm(X, (3,)),
    "native_layer_norm": lambda: torch.native_layer_norm(X, [3], None, None, 1e-5),
    "aten.layer_norm": lambda: torch.ops.aten.layer_norm(X, [3]),
    "torch.nn.LayerNorm": lambda: torch.nn.LayerNorm(3)(LEAF),
    "hidden layer norm": lambda: hidden(lambda: F.layer_norm(LEAF, (3,))),
    "layer norm in inference mode": lambda: inference(lambda: F.layer_norm(X, (3,))),
}
if hasattr(torch, "_fused_rms_norm"):  # not in torch 2.6
    LAYER_SPELLINGS["torch._fused_rms_norm"] = lambda: torch._fused_rms_norm(X, [3], None, 1e-5)
    LAYER_SPELLINGS["aten._fused_rms_norm"] = lambda: torch.ops.aten._fused_rms_norm(X, [3], None, 1e-5)

EMBEDDING_SPELLINGS = {
    "F": lambda: F.embedding(IDS, W),
    "module": lambda: torch.nn.Embedding(2, 3)(IDS),
    "torch": lambda: torch.embedding(LEAF, IDS),
    "aten": lambda: torch.ops.aten.embedding(W, IDS),
    "out=": lambda: torch.ops.aten.embedding.out(W, IDS, out=torch.empty(1, 3, 3)),
    "hidden": lambda: hidden(lambda: F.embedding(IDS, W)),
    "inference mode": lambda: inference(lambda: F.embedding(IDS, W)),
    "bag": lambda: F.embedding_bag(IDS, W),
    "bag with gradient": lambda: F.embedding_bag(IDS, LEAF),
    "bag module": lambda: torch.nn.EmbeddingBag(2, 3)(IDS),
    "bag in inference mode": lambda: inference(lambda: F.embedding_bag(IDS, W)),
}

CUBE = torch.arange(24.0).reshape(2, 4, 3)

# What a learner may write in place of the calls above. Parameters, and modules that nobody calls, are no calculation.
ALLOWED = {
    "@": lambda: (X @ W.T, CUBE @ W.t(), W @ X[0], torch.matmul(X, W.mT)),
    "mm, mv, bmm": lambda: (torch.mm(X, W.T), torch.mv(W, X[0]), torch.bmm(CUBE, CUBE.mT), torch.dot(X[0], X[1])),
    "addmm, baddbmm": lambda: (torch.addmm(W[:, :2], X, W.T), torch.baddbmm(torch.zeros(2, 4, 4), CUBE, CUBE.mT)),
    "einsum": lambda: (torch.einsum("...i,oi->...o", CUBE, W), torch.einsum("bti,bsi->bts", CUBE, CUBE)),
    "tensordot, inner": lambda: (torch.tensordot(CUBE, W, ([2], [1])), torch.inner(CUBE, W)),
    "matmul in inference mode": lambda: inference(lambda: CUBE @ W.T),
    "bilinear": lambda: F.bilinear(X, X, torch.ones(2, 3, 3)),
    "broadcasting": lambda: (X[:, None, :] * W).sum(-1),
    "a root of a mean": lambda: X * torch.rsqrt(X.square().mean(-1, keepdim=True) + 1e-5),
    "norms of vectors": lambda: (torch.linalg.vector_norm(X, dim=-1), X.norm(dim=-1), F.normalize(X, dim=-1)),
    "relu, pad": lambda: (F.relu(X), X.relu(), torch.nn.ReLU()(X), F.pad(X, (1, 1))),
    "Parameter, Module": lambda: (torch.nn.Parameter(X), torch.nn.ParameterDict({"w": torch.nn.Parameter(W)})),
    "masks": lambda: (X.masked_fill(X > 0, 0.0), torch.where(X > 0, X, 0.0), CUBE.tril()),
    "cumsum, cat, stack, chunk": lambda: (X.cumsum(-1), torch.cat([X, W]), torch.stack([X, W]), X.chunk(2)),
    "gather, scatter": lambda: (X.gather(1, IDS), torch.zeros(2, 3).scatter(1, IDS, 1.0)),
    "rows of a table": lambda: (W[IDS], W.index_select(0, IDS[0]), torch.take_along_dim(W, IDS.T, 0), W.take(IDS)),
    "one_hot @ table": lambda: F.one_hot(IDS, 2).float() @ W,
    "their gradients": lambda: (LEAF[IDS].sum() + (LEAF @ W.T).sum() + LEAF.index_select(0, IDS[0]).sum()).backward(),
}

HONEST = {
    "the six operations": lambda: ((LEAF - LEAF.amax(-1, keepdim=True)).exp() * 2 + 1).pow(2).log().relu(),
    "a node": lambda: root().grad_fn(torch.tensor(1.0)),
    "vmap": lambda: torch.func.vmap(torch.sin)(X),
    "a probe's gradient": lambda: granted(root()),
    "matmul": lambda: X @ LEAF.T,
    "gather": lambda: LEAF.gather(1, TARGETS[:, None]).sum(),
}


def hidden_from_modes() -> None:
    with torch._C.DisableTorchFunction():
        root().backward()


def in_inference_mode() -> None:
    with torch.inference_mode():
        X.softmax(-1)


def inference(function: Callable[[], object]) -> None:
    with torch.inference_mode():
        function()


def hidden(function: Callable[[], object]) -> None:
    with torch._C.DisableTorchFunction():
        function()


def rules_from(step: str) -> dict[str, list[str]]:
    """What course.toml forbids from this step on and not before."""
    rules = [rule for rule in RULES if rule["track"] == "torch" and rule["first"] == step]
    return {key: [name for rule in rules for name in rule.get(key, [])] for key in ("operations", "functions")}


def granted(output: torch.Tensor) -> object:
    """engine_grad as a probe calls it: a module's name tells it from learner code."""
    scope = {"__name__": "probes_01_value", "engine_grad": engine_grad, "output": output, "leaf": LEAF}
    return eval("engine_grad(output, leaf)", scope)


@pytest.mark.parametrize("spelling", ENGINE_SPELLINGS)
def test_every_way_to_the_engine_is_seen(guard, spelling):
    with guard.watch(ENGINE_ONLY) as used:
        ENGINE_SPELLINGS[spelling]()
    assert used[-1] == ENGINE
    assert len(used) == len(set(used))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch imports a part of its own that warns of itself
@pytest.mark.parametrize("spelling", FORWARD_SPELLINGS)
def test_forward_mode_is_seen(guard, spelling):
    with guard.watch({"engine": True}) as used:
        FORWARD_SPELLINGS[spelling]()
    assert FORWARD in used


@pytest.mark.parametrize("spelling", SOFTMAX_SPELLINGS)
def test_every_softmax_is_seen(guard, spelling):
    with guard.watch({"operations": OPERATIONS}) as used:
        SOFTMAX_SPELLINGS[spelling]()
    assert used
    assert len(used) == len(set(used))


@pytest.mark.parametrize("spelling", LAYER_SPELLINGS)
def test_every_linear_layer_and_norm_is_seen(guard, spelling):
    with guard.watch(rules_from("04_layers")) as used:
        LAYER_SPELLINGS[spelling]()
    assert used
    assert len(used) == len(set(used))


@pytest.mark.parametrize("spelling", EMBEDDING_SPELLINGS)
def test_every_embedding_is_seen(guard, spelling):
    with guard.watch(rules_from("06_embedding")) as used:
        EMBEDDING_SPELLINGS[spelling]()
    assert used
    assert len(used) == len(set(used))


@pytest.mark.parametrize("case", ALLOWED)
def test_products_and_rows_are_not_accused(guard, case):
    layers, embedding = rules_from("04_layers"), rules_from("06_embedding")
    with guard.watch({key: layers[key] + embedding[key] for key in layers}) as used:
        ALLOWED[case]()
    assert used == []


def test_names_that_torch_lacks_are_harmless(guard):
    with guard.watch({"functions": ["torch.no_such", "torch.ops.aten.no_such"], "operations": ["no_such"]}) as used:
        X @ W.T
    assert used == []


@pytest.mark.parametrize("case", HONEST)
def test_honest_work_is_not_accused(guard, case):
    with guard.watch({**ENGINE_ONLY, "operations": OPERATIONS}) as used:
        HONEST[case]()
    assert used == []


def test_functions_are_seen_under_every_name(guard):
    """F.linear, its alias in C, its operator and the module that calls it are one function or one operation."""
    forbidden = {"functions": ["torch.nn.functional.linear", "torch.ops.aten.linear"]}
    alias = getattr(F, "lin" + "ear")
    for call in (alias, torch._C._nn.linear, torch.ops.aten.linear, torch.ops.aten.linear.default):
        with guard.watch(forbidden) as used:
            call(X, X)
        assert len(used) == 1
    with guard.watch(forbidden) as used:
        torch.nn.Linear(3, 2)(X)
        X @ X.T
    assert used == ["torch.nn.functional.linear"]


def test_names_stand_in_the_order_of_first_use(guard):
    with guard.watch({"operations": OPERATIONS, "engine": True}) as used:
        X.logsumexp(-1)
        LEAF.softmax(-1).sum().backward()
        X.logsumexp(-1)
    assert used == ["aten::logsumexp", "aten::softmax", ENGINE]


def test_a_use_is_known_although_the_block_ends_in_an_error(guard):
    with pytest.raises(KeyError), guard.watch({"engine": True}) as used:  # noqa: PT012  # the error comes last
        root().backward()
        raise KeyError
    assert used == [ENGINE]


def test_one_block_knows_nothing_of_another(guard):
    with guard.watch({"engine": True}) as first:
        root().backward()
    root().backward()
    with guard.watch({"engine": True}) as second:
        pass
    assert (first, second) == ([ENGINE], [])


def test_engine_grad_of_learner_code_counts(guard):
    with guard.watch({"engine": True}) as used:
        engine_grad(root(), LEAF)  # this module is no probe
    assert used == [ENGINE]


def test_engine_grad_gives_the_gradients():
    other = torch.ones(2, requires_grad=True)
    grads = engine_grad((root(), (3 * LEAF).sum()), (LEAF, other), (torch.tensor(1.0), torch.tensor(2.0)))
    assert torch.allclose(grads[0], 2 * X + 6)
    assert grads[1] is None


def test_nothing_forbidden_costs_no_mode(guard):
    with guard.watch({}) as used:
        assert torch._C._len_torch_function_stack() == 0
        root().backward()
        X.softmax(-1)
    assert used == []


def test_what_is_allowed_meets_no_mode(guard):
    """A mode would cost more than most operations do."""
    rules = {key: [name for step in ("03_softmax", "04_layers", "07_attention") for name in rules_from(step)[key]]
             for key in ("operations", "functions")}  # fmt: skip
    with guard.watch({**ENGINE_ONLY, **rules}) as used:
        assert torch._C._len_torch_function_stack() == torch._C._len_torch_dispatch_stack() == 0
        X.exp()
    assert used == []


def test_results_are_the_same_under_watch(guard):
    with guard.watch({**ENGINE_ONLY, "operations": OPERATIONS}):
        inside = LEAF.exp().log_softmax(-1)
    assert torch.equal(inside, LEAF.exp().log_softmax(-1))


@NEW_ENOUGH
def test_every_function_named_in_the_course_exists():
    names = [name for rule in RULES if rule["track"] == "torch" for name in rule.get("functions", [])]
    assert [name for name in names if resolve(name) is None] == []


@NEW_ENOUGH
def test_every_operation_named_in_the_course_exists():
    names = [name for rule in RULES if rule["track"] == "torch" for name in rule.get("operations", [])]
    assert [name for name in names if not hasattr(torch.ops.aten, name)] == []
