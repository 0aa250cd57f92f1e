"""Step 02, PyTorch track: torch's own graph, seen. `python exercises/02_backward/explore_torch.py` saves the pictures.

Run it when `backward_torch.py` passes its tests: it numbers torch's nodes with your `topological_order` and sets the
gradients of your `backward` beside torch's. The pictures are saved as `my_gpt/pictures/02_backward_*_torch.png`,
beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: the notes that torch has taken
#
# This is the diamond of the lesson, $L = s (s + c)$ with $s = a b$, as torch remembers it. The boxes are the nodes that
# `next_functions` leads to, from `L.grad_fn` on; the first line is the node's number in your `topological_order`,
# counted from 1. **Before you look:** there are six tensors, and three of them have no `grad_fn`. How many boxes will
# there be?

# %%
import pictures
import torch
from backward_torch import backward, topological_order


def draw(root, leaves):
    """The graph of nodes beneath `root`; `leaves` is {name: leaf}."""
    order = topological_order(root)

    def text(node):
        lines = [f"{order.index(node) + 1}", node.name().rsplit("::", 1)[-1]]
        if not node.next_functions:
            (name,) = [name for name, leaf in leaves.items() if leaf is node.variable]
            grad = ", ".join(pictures.number(x) for x in node.variable.grad.flatten().tolist())
            lines.append(f"grad {name}: {grad}")
        return lines

    def children(node):
        return [(child, f"{i}") for child, i in node.next_functions if child is not None]

    return pictures.draw_graph(root.grad_fn, text=text, children=children)


a, b, c = (torch.tensor(number, requires_grad=True) for number in (3.0, 0.5, 4.0))
s = a * b
L = s * (s + c)
backward(L)
pictures.show(
    draw(L, {"a": a, "b": b, "c": c}),
    "02_backward_graph_torch",
    alt="The nodes of L = s (s + c), s = a b: three times AccumulateGrad for a, b and c, MulBackward0 for s, "
    "AddBackward0 for s + c, MulBackward0 for L, numbered so that no arrow leads to a lower number. Gradients: "
    f"a {a.grad:g}, b {b.grad:g}, c {c.grad:g}.",
)

# %% [markdown]
# Six again: a leaf is represented by its AccumulateGrad node, which knows the tensor that the gradient is for. On each
# arrow stands the `i` of the pair `(next_node, i)`, and it is always 0 here, because each of these nodes has a single
# output.
#
# Here is a calculation with vectors in which it is not: `head, tail = x.split([2, 1])`, and then
# `L = head @ w + tail.exp()`. **Predict first:** which arrow carries a 1?

# %%
x = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
w = torch.tensor([3.0, 0.25], requires_grad=True)
head, tail = x.split([2, 1])  # (2,), (1,)
L = head @ w + tail.exp()  # (1,)
backward(L)
pictures.show(
    draw(L, {"x": x, "w": w}),
    "02_backward_split_torch",
    alt="The nodes of head @ w + exp(tail): AccumulateGrad of x leads to one node for the split. Its output 0 leads to "
    "DotBackward0, its output 1 to ExpBackward0, and both lead to AddBackward0. Gradients: "
    f"x {[round(g, 3) for g in x.grad.tolist()]}, w {w.grad.tolist()}.",
)

# %% [markdown]
# The one from the split to the exponential. The split is *one* node with two outputs: it must wait for both gradients,
# $w$ from the product and $e^{0.5} = 1.649$ from the exponential, and only then can it join them to the gradient of
# $x$. A walk that took the split as soon as the first of them had come would give half of $x$ no gradient.
#
# ### Yours and torch's
#
# Now something of the kind that is to come: two matrices, a bias that is broadcast over the rows, a `relu`, a `cat`,
# an index, and a logarithm of a sum of exponentials. There are 51 numbers to be trained. Circles are gradients from
# your `backward`, crosses those of torch's engine on the same graph. A circle without its cross would be a mistake.

# %%
generator = torch.Generator().manual_seed(2)


def gaussian(*shape):
    return torch.randn(shape, generator=generator, dtype=torch.float64)


inputs = gaussian(6, 3)
leaves = {name: gaussian(*shape).requires_grad_() for name, shape in (("w1", (5, 3)), ("w2", (4, 8)), ("bias", (4,)))}
hidden = (inputs @ leaves["w1"].T).relu()  # (6, 5)
scores = torch.cat([hidden, inputs], dim=1) @ leaves["w2"].T + leaves["bias"]  # (6, 8) @ (8, 4) -> (6, 4)
L = (scores.exp().sum(dim=1).log() - scores[:, 0]).mean()
backward(L)
theirs = torch.autograd.grad(L, list(leaves.values()))

drawn = pictures.figure(9, 4)
axes = drawn.subplots()
start = 0
print(f"{'leaf':6}{'shape':10}{'largest gradient':>18}{'largest difference':>20}")
for (name, leaf), reference in zip(leaves.items(), theirs):
    places = range(start, start + leaf.numel())
    yours, crosses = leaf.grad.flatten().tolist(), reference.flatten().tolist()
    axes.plot(places, yours, "o", color=pictures.COLOURS[0], markersize=9, fillstyle="none", label="yours")
    axes.plot(places, crosses, "x", color=pictures.COLOURS[1], label="torch's")
    axes.axvline(start - 0.5, color=pictures.COLOURS[6], linewidth=1)
    axes.text(start, 0.97, name, transform=axes.get_xaxis_transform(), va="top", size=11)
    start += leaf.numel()
    difference = (leaf.grad - reference).abs().max()
    print(f"{name:6}{tuple(leaf.shape)!s:10}{reference.abs().max():18.6f}{difference:20.0e}")
axes.set(xlabel="number of the parameter", ylabel="gradient", xlim=(-1, start))
axes.margins(y=0.15)
axes.grid(alpha=0.3)
drawn.legend(handles=axes.lines[:2], loc="outside upper right", ncols=2)
pictures.show(
    drawn,
    "02_backward_beside_torch",
    alt="51 gradients, those of w1, w2 and bias, once as circles from backward and once as crosses from torch. Each "
    "cross lies in its circle.",
)

# %% [markdown]
# A difference that is not 0 is rounding: where several gradients meet, yours may be added in another order than
# torch's.
#
# ### How small should h be, and with which floats?
#
# The check with a difference quotient, $(f(x + h) - f(x - h)) / 2h$, once in float64 with its sixteen digits and once
# in float32 with its seven. The function is $f(x) = \ln(x^3 + e^x)$ at $x = 0.7$, the distance is taken from your
# `backward` in float64. **Predict first:** which $h$ is best for each of the two, and how good is it?


# %%
def f(x):
    return (x**3 + x.exp()).log()


def gradient(dtype):
    x = torch.tensor(0.7, dtype=dtype, requires_grad=True)
    backward(f(x))
    return x.grad.item()


reference = gradient(torch.float64)
drawn = pictures.figure(8, 4.8)
axes = drawn.subplots()
best = {}
for dtype, smallest, mark, colour in ((torch.float32, 7, "s-", 1), (torch.float64, 13, "o-", 0)):
    name = str(dtype).removeprefix("torch.")
    x = torch.tensor(0.7, dtype=dtype)
    steps = [10 ** (-k / 4) for k in range(2, 4 * smallest + 1)]
    quotients = [(f(x + h).item() - f(x - h).item()) / (2 * h) for h in steps]
    errors = [abs(q - reference) or 1e-17 for q in quotients]  # 0 has no logarithm
    best[name] = min(zip(errors, steps))
    axes.loglog(steps, errors, mark, color=pictures.COLOURS[colour], markersize=4, label=f"quotient, {name}")
own = abs(gradient(torch.float32) - reference)
axes.axhline(own, color=pictures.COLOURS[1], linestyle="--", label="your backward, float32")
axes.set(xlabel="step $h$, smaller to the right", ylabel="distance from backward in float64", ylim=(1e-14, 10))
axes.invert_xaxis()
axes.grid(alpha=0.3)
axes.legend(loc="lower right")
pictures.show(
    drawn,
    "02_backward_steps_torch",
    alt="Distance of the symmetric quotient from backward against the step h, both axes logarithmic. In float32 the "
    f"curve is lowest at {best['float32'][0]:.0e} for h near {best['float32'][1]:.0e}, in float64 at "
    f"{best['float64'][0]:.0e} for h near {best['float64'][1]:.0e}. Backward in float32 is off by {own:.0e}.",
)

# %% [markdown]
# Both curves fall with $h^2$ while $h$ is too large, and both rise when rounding takes over; with seven digits it takes
# over much sooner. In float32 you can count on four or five digits, with $h$ near $10^{-2}$, and at the $10^{-6}$ that
# `gradcheck` uses hardly one is left: hence its float64. Your `backward` in float32 has nearly all seven, because it
# never takes the difference of two numbers that are nearly equal.
