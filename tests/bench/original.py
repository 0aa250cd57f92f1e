"""What the solutions' training is compared with: the same model in the structure of the original program, and in torch.

`scalar` has the original's structure: a recursive closure sorts the graph, the loss is the logarithm of softmax's
probability, and Python's collector runs as ever. `functional` is the model in plain functional form: the same formulas
on tensors, written out one after the other without any checks, and torch.optim.Adam. Both start from the numbers they
are given.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

Numbers = dict[str, list[list[float]]]
LEARNING_RATE, BETAS, EPS = 0.01, (0.85, 0.99), 1e-8


class Scalar:
    """A number with its derivatives by the numbers it was made from."""

    __slots__ = ("data", "grad", "inputs", "slopes")

    def __init__(self, data, inputs=(), slopes=()):
        self.data = data
        self.grad = 0
        self.inputs = inputs
        self.slopes = slopes

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        return Scalar(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        return Scalar(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n):
        return Scalar(self.data**n, (self,), (n * self.data ** (n - 1),))

    def log(self):
        return Scalar(math.log(self.data), (self,), (1 / self.data,))

    def exp(self):
        return Scalar(math.exp(self.data), (self,), (math.exp(self.data),))

    def relu(self):
        return Scalar(max(0, self.data), (self,), (float(self.data > 0),))

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def backward(self):
        order, seen = [], set()

        def visit(node):  # refers to itself by its own name: a ring, which keeps `order` and all of the graph alive
            if node not in seen:
                seen.add(node)
                for one in node.inputs:
                    visit(one)
                order.append(node)

        visit(self)
        self.grad = 1
        for node in reversed(order):
            for one, slope in zip(node.inputs, node.slopes, strict=True):
                one.grad += slope * node.grad


def scalar(numbers: Numbers, documents: list[list[int]], total: int) -> Iterator[tuple[float, float]]:
    """(loss, CPU seconds) of one step after the other; documents are token ids with BOS at both ends."""
    state = {name: [[Scalar(x) for x in row] for row in rows] for name, rows in numbers.items()}
    parameters = [p for rows in state.values() for row in rows for p in row]
    m, v = [0.0] * len(parameters), [0.0] * len(parameters)

    def linear(x, w):
        return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]

    def softmax(x):
        highest = max(one.data for one in x)
        exps = [(one - highest).exp() for one in x]
        total = sum(exps)
        return [e / total for e in exps]

    def norm(x):
        scale = (sum(a * a for a in x) / len(x) + 1e-5) ** -0.5
        return [a * scale for a in x]

    def model(token, position, keys, values):
        x = norm([a + b for a, b in zip(state["wte"][token], state["wpe"][position], strict=True)])
        y = norm(x)
        q = linear(y, state["layer0.attn_wq"])
        keys.append(linear(y, state["layer0.attn_wk"]))
        values.append(linear(y, state["layer0.attn_wv"]))
        joined = []
        for at in range(0, 16, 4):
            scores = [sum(q[at + j] * k[at + j] for j in range(4)) / 4**0.5 for k in keys]
            weights = softmax(scores)
            joined += [sum(a * w[at + j] for a, w in zip(weights, values, strict=True)) for j in range(4)]
        x = [a + b for a, b in zip(linear(joined, state["layer0.attn_wo"]), x, strict=True)]
        y = linear([h.relu() for h in linear(norm(x), state["layer0.mlp_fc1"])], state["layer0.mlp_fc2"])
        return linear([a + b for a, b in zip(y, x, strict=True)], state["lm_head"])

    for step in range(total):
        start = time.process_time()
        tokens = documents[step % len(documents)]
        n = min(16, len(tokens) - 1)
        keys, values, losses = [], [], []
        for position in range(n):
            p = softmax(model(tokens[position], position, keys, values))
            losses.append(-p[tokens[position + 1]].log())
        loss = (1 / n) * sum(losses)
        loss.backward()
        rate = LEARNING_RATE * (1 - step / total)
        for i, p in enumerate(parameters):
            m[i] = BETAS[0] * m[i] + (1 - BETAS[0]) * p.grad
            v[i] = BETAS[1] * v[i] + (1 - BETAS[1]) * p.grad**2
            m_hat, v_hat = m[i] / (1 - BETAS[0] ** (step + 1)), v[i] / (1 - BETAS[1] ** (step + 1))
            p.data -= rate * m_hat / (v_hat**0.5 + EPS)
            p.grad = 0
        yield loss.data, time.process_time() - start


def functional(
    numbers: Numbers, names: list[str], chars: list[str], total: int, batch_size: int
) -> Iterator[tuple[float, float]]:
    """`scalar`, in float32 on tensors, for batches (B, T) of names, whose characters are numbered by `chars`."""
    import torch

    state = {name: torch.tensor(rows, requires_grad=True) for name, rows in numbers.items()}
    optimizer = torch.optim.Adam(state.values(), lr=LEARNING_RATE, betas=BETAS, eps=EPS)
    bos = len(numbers["wte"]) - 1

    def norm(x):
        return x * ((x * x).mean(dim=-1, keepdim=True) + 1e-5) ** -0.5

    def softmax(x):
        exps = (x - x.detach().amax(dim=-1, keepdim=True)).exp()
        return exps / exps.sum(dim=-1, keepdim=True)

    for step in range(total):
        start = time.process_time()
        batch = [names[(step * batch_size + i) % len(names)] for i in range(batch_size)]
        rows = [[bos, *(chars.index(char) for char in name), bos][:17] for name in batch]
        n = max(map(len, rows)) - 1
        tokens = torch.tensor([row[:-1] + [bos] * (n + 1 - len(row)) for row in rows])  # (B, T)
        targets = torch.tensor([row[1:] + [-1] * (n + 1 - len(row)) for row in rows])
        x = norm(state["wte"][tokens] + state["wpe"][:n])
        y = norm(x)
        q, k, v = (
            (y @ state[f"layer0.attn_{w}"].T).view(batch_size, n, 4, 4).transpose(1, 2) for w in ("wq", "wk", "wv")
        )
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        weights = softmax((q @ k.transpose(2, 3) / 2).masked_fill(later, -math.inf))
        x = x + (weights @ v).transpose(1, 2).reshape(batch_size, n, 16) @ state["layer0.attn_wo"].T
        x = x + (norm(x) @ state["layer0.mlp_fc1"].T).relu() @ state["layer0.mlp_fc2"].T
        logits = x @ state["lm_head"].T
        shifted = logits - logits.detach().amax(dim=-1, keepdim=True)
        kept = targets >= 0
        losses = shifted.exp().sum(dim=-1).log() - shifted.gather(2, targets.clamp(min=0)[..., None])[..., 0]
        loss = (losses * kept).sum() / kept.sum()
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / total)
        optimizer.step()
        yield loss.item(), time.process_time() - start
