"""What grader/jail/torch_guard.py sees of torch's own attention and transformers, and what it leaves alone."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from grader.jail.torch_guard import Guard

RULES = tomllib.loads((Path(__file__).parents[2] / "course.toml").read_text("utf-8")).get("forbidden", [])
KEYS = ("operations", "functions", "python")
ATEN = torch.ops.aten

X = torch.linspace(-1, 2, 2 * 3 * 8).reshape(2, 3, 8)  # (batch, positions, width)
HEADS = X.reshape(2, 3, 2, 4).transpose(1, 2)  # (batch, heads, positions, width of a head)
DOUBLE = HEADS.double().requires_grad_()
W3, W = torch.linspace(-1, 1, 24 * 8).reshape(24, 8), torch.linspace(-1, 1, 64).reshape(8, 8)
BIAS, ONES, HIDDEN = torch.zeros(24), torch.ones(8), torch.linspace(-1, 1, 128)
LATER = torch.ones(3, 3, dtype=torch.bool).triu(1)

# Made before any guard, so that only their call is seen
MODULE = nn.MultiheadAttention(8, 2, batch_first=True)
ENCODER = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
DECODER = nn.TransformerDecoderLayer(8, 2, 16, dropout=0.0, batch_first=True)


def forbidden(step: str) -> dict[str, list[str]]:
    """What the course forbids first in this step."""
    rules = [rule for rule in RULES if rule["first"] == step]
    return {key: [name for rule in rules for name in rule.get(key, [])] for key in KEYS}


def by_kernel(kernel: SDPBackend) -> None:
    with sdpa_kernel(kernel):
        F.scaled_dot_product_attention(HEADS, HEADS, HEADS, is_causal=True)


def in_inference_mode(call: object, *args: object) -> None:
    with torch.inference_mode():
        call(*args)


def hidden_from_function_modes() -> None:
    with torch._C.DisableTorchFunction():
        F.scaled_dot_product_attention(HEADS, HEADS, HEADS)


def in_eval_mode(module: nn.Module, *args: torch.Tensor) -> None:
    """Where torch may take a shorter way through one fused operation."""
    module.eval()
    with torch.no_grad():
        module(*args)
    module.train()


ATTENTION_SPELLINGS = {
    "F": lambda: F.scaled_dot_product_attention(HEADS, HEADS, HEADS, is_causal=True),
    "getattr": lambda: getattr(F, "scaled_dot_product" + "_attention")(HEADS, HEADS, HEADS),
    "float64 with gradients": lambda: F.scaled_dot_product_attention(DOUBLE, DOUBLE, DOUBLE, is_causal=True),
    "with a mask": lambda: F.scaled_dot_product_attention(HEADS, HEADS, HEADS, attn_mask=~LATER),
    "three dimensions": lambda: F.scaled_dot_product_attention(X, X, X),
    "two dimensions": lambda: F.scaled_dot_product_attention(X[0], X[0], X[0]),
    "the flash kernel": lambda: by_kernel(SDPBackend.FLASH_ATTENTION),
    "the mathematical kernel": lambda: by_kernel(SDPBackend.MATH),
    "inference mode": lambda: in_inference_mode(F.scaled_dot_product_attention, HEADS, HEADS, HEADS),
    "hidden from function modes": hidden_from_function_modes,
    "torch._C._nn": lambda: torch._C._nn.scaled_dot_product_attention(HEADS, HEADS, HEADS),
    "aten": lambda: ATEN.scaled_dot_product_attention(HEADS, HEADS, HEADS),
    "aten overload": lambda: ATEN.scaled_dot_product_attention.default(HEADS, HEADS, HEADS),
    "aten, mathematical": lambda: ATEN._scaled_dot_product_attention_math(HEADS, HEADS, HEADS),
    "torch, mathematical": lambda: torch._scaled_dot_product_attention_math(HEADS, HEADS, HEADS),
    "mathematical, in inference mode": lambda: in_inference_mode(
        ATEN._scaled_dot_product_attention_math, HEADS, HEADS, HEADS
    ),
    "aten, flash": lambda: ATEN._scaled_dot_product_flash_attention_for_cpu(HEADS, HEADS, HEADS),
    "vmap": lambda: torch.func.vmap(lambda x: F.scaled_dot_product_attention(x, x, x))(HEADS),
    "making a module": lambda: nn.MultiheadAttention(8, 2),
    "module": lambda: MODULE(X, X, X),
    "module without weights": lambda: MODULE(X, X, X, need_weights=False),
    "module in eval mode": lambda: in_eval_mode(MODULE, X, X, X),
    "F.multi_head_attention_forward": lambda: F.multi_head_attention_forward(
        X, X, X, 8, 2, W3, BIAS, None, None, False, 0.0, W, None
    ),
    "native": lambda: torch._native_multi_head_attention(X, X, X, 8, 2, W3, BIAS, W, ONES),
    "aten, native": lambda: ATEN._native_multi_head_attention(X, X, X, 8, 2, W3, BIAS, W, ONES),
}

TRANSFORMER_SPELLINGS = {
    "Transformer": lambda: nn.Transformer(8, 2, 1, 1, 16, batch_first=True),
    "TransformerEncoderLayer": lambda: nn.TransformerEncoderLayer(8, 2, 16),
    "TransformerEncoder": lambda: nn.TransformerEncoder(ENCODER, 1, enable_nested_tensor=False),
    "TransformerDecoderLayer": lambda: nn.TransformerDecoderLayer(8, 2, 16),
    "TransformerDecoder": lambda: nn.TransformerDecoder(DECODER, 1),
    "a subclass": lambda: type("Mine", (nn.TransformerEncoderLayer,), {})(8, 2, 16),
    "by its module": lambda: torch.nn.modules.transformer.TransformerEncoderLayer(8, 2, 16),
    "an encoder layer": lambda: ENCODER(X),
    "an encoder layer in eval mode": lambda: in_eval_mode(ENCODER, X),
    "a decoder layer": lambda: DECODER(X, X),
    "the fused operation": lambda: torch._transformer_encoder_layer_fwd(
        X,
        8,
        2,
        W3,
        BIAS,
        W,
        ONES,
        False,
        False,
        1e-5,
        ONES,
        ONES,
        ONES,
        ONES,
        HIDDEN.reshape(16, 8),
        HIDDEN[:16],
        HIDDEN.reshape(8, 16),
        ONES,
    ),
}


class OwnBlock(nn.Module):
    """A module of the learner's own."""

    def __init__(self) -> None:
        super().__init__()
        self.register_parameter("w", nn.Parameter(W.clone()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + own_attention(x, self.w) @ self.w.T


def own_attention(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    scores = (x @ w.T @ x.transpose(-1, -2) / math.sqrt(x.shape[-1])).masked_fill(LATER, -math.inf)
    exps = (scores - scores.amax(-1, keepdim=True)).exp()
    return exps / exps.sum(-1, keepdim=True) @ x


HONEST = {
    "own attention": lambda: own_attention(X, W),
    "einsum": lambda: torch.einsum("bthd,bshd->bhts", HEADS.transpose(1, 2), HEADS.transpose(1, 2)),
    "baddbmm": lambda: torch.baddbmm(torch.zeros(2, 3, 3), X, X.transpose(1, 2)),
    "a module": lambda: OwnBlock()(X),
    "backward": lambda: OwnBlock()(X).sum().backward(),
    "a copy of a module's numbers": lambda: OwnBlock().double().load_state_dict(OwnBlock().state_dict()),
    "a mask of torch's": lambda: nn.Transformer.generate_square_subsequent_mask(3),
    "containers": lambda: nn.Sequential(nn.ReLU(), OwnBlock())(X),
}


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard()


def together(*steps: str) -> dict[str, list[str]]:
    rules = [forbidden(step) for step in steps]
    return {key: [name for rule in rules for name in rule[key]] for key in KEYS}


@pytest.mark.parametrize("spelling", ATTENTION_SPELLINGS)
def test_every_attention_of_torch_is_seen(guard, spelling):
    with guard.watch(forbidden("07_attention")) as used:
        ATTENTION_SPELLINGS[spelling]()
    assert used
    assert len(used) == len(set(used))


@pytest.mark.parametrize("spelling", TRANSFORMER_SPELLINGS)
def test_every_transformer_of_torch_is_seen(guard, spelling):
    with guard.watch(together("07_attention", "08_gpt")) as used:  # as in step 08, where both are forbidden
        TRANSFORMER_SPELLINGS[spelling]()
    assert used


@pytest.mark.parametrize("kind", sorted(name for name in vars(nn) if name.startswith("Transformer")))
def test_every_transformer_module_is_named_in_the_course(kind):
    assert f"torch.nn.{kind}" in forbidden("08_gpt")["python"]


@pytest.mark.parametrize("case", HONEST)
def test_honest_models_are_not_accused(guard, case):
    with guard.watch(together("07_attention", "08_gpt")) as used:
        HONEST[case]()
    assert used == []


def test_attention_hidden_from_function_modes_is_seen(guard):
    """Whatever kernel it comes to, the call itself is noted, and not what it is made of."""
    with guard.watch(together("03_softmax", "07_attention")) as used, torch._C.DisableTorchFunction():
        by_kernel(SDPBackend.MATH)
    assert used == ["torch.nn.functional.scaled_dot_product_attention"]


def test_names_that_torch_lacks_are_harmless(guard):
    unknown = {
        "operations": ["_scaled_dot_product_attention_of_tomorrow"],
        "functions": ["torch.nn.functional.attention_of_tomorrow", "torch.ops.aten.attention_of_tomorrow"],
        "python": ["torch.nn.TransformerOfTomorrow"],
    }
    with guard.watch(unknown) as used:
        own_attention(X, W)
    assert used == []
