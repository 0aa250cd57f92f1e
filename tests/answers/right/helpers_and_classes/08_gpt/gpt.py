"""Step 08 with a class for a layer."""

from __future__ import annotations

from dataclasses import dataclass

from attention import attention
from embedding import embed
from layers import linear, rmsnorm
from value import Value


def mlp(x: list[Value], fc1: list[list[Value]], fc2: list[list[Value]]) -> list[Value]:
    return linear([h.relu() for h in linear(x, fc1)], fc2)


@dataclass
class Layer:
    state: dict[str, list[list[Value]]]
    number: int
    n_head: int

    def __getattr__(self, name: str) -> list[list[Value]]:
        if name.startswith(("attn_", "mlp_")):
            return self.state[f"layer{self.number}.{name}"]
        raise AttributeError(name)

    def __call__(self, stream: Stream, keys, values) -> None:
        matrices = self.attn_wq, self.attn_wk, self.attn_wv, self.attn_wo
        stream.add(attention(stream.normed(), keys, values, *matrices, n_head=self.n_head))
        stream.add(mlp(stream.normed(), self.mlp_fc1, self.mlp_fc2))


class Stream:
    """The residual stream."""

    def __init__(self, x: list[Value]) -> None:
        self.x = x

    def normed(self) -> list[Value]:
        return rmsnorm(self.x)

    def add(self, news: list[Value]) -> None:
        self.x = [old + new for old, new in zip(self.x, news, strict=True)]


def gpt(state, token_id, pos_id, keys, values, n_head=4):
    stream = Stream(rmsnorm(embed(state, token_id, pos_id)))
    for number, (k, v) in enumerate(zip(keys, values, strict=True)):
        Layer(state, number, n_head)(stream, k, v)
    return linear(stream.x, state["lm_head"])
