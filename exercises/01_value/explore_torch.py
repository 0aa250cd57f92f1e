"""Step 01, PyTorch track: your six Functions, seen. `python exercises/01_value/explore_torch.py` saves the pictures.

Run it when `value_torch.py` passes its tests: every curve comes from your own `forward` and `backward`. The pictures
are saved as `my_gpt/pictures/01_value_*_torch.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: forward and backward, side by side
#
# Each of your Functions gets 161 numbers at once, one tensor, and returns one tensor. On the left of each pair you see
# what `forward` made of them. On the right, the dots are what your `backward` returns when a 1 arrives at each element,
# the slope; the crosses know nothing of it. They are difference quotients, $(f(x + h) - f(x - h)) / 2h$ with
# $h = 0.001$, made with your `forward` alone. **Predict first:** at which of the six, and at which $x$, will a cross
# lie off the dots?

# %%
import pictures
import torch
from value_torch import Add, Exp, Log, Mul, Pow, Relu

functions = [  # what it is called, the Function of x alone, from, to
    ("Add: $x + 2$", lambda x: Add.apply(x, torch.full_like(x, 2.0)), -2.0, 2.0),
    ("Mul: $x \\cdot (-1.5)$", lambda x: Mul.apply(x, torch.full_like(x, -1.5)), -2.0, 2.0),
    ("Pow: $x^3$", lambda x: Pow.apply(x, 3), -2.0, 2.0),
    ("Log: $\\ln x$", lambda x: Log.apply(x), 0.25, 4.25),
    ("Exp: $e^x$", lambda x: Exp.apply(x), -2.0, 2.0),
    ("Relu: max(0, $x$)", lambda x: Relu.apply(x), -2.0, 2.0),
]


def slopes(f, x):
    """What the backward of f returns for x, with a 1 arriving at each element."""
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.autograd.grad(y, x, torch.ones_like(y))[0]


def quotients(f, x, h=1e-3):
    """(f(x + h) - f(x - h)) / 2h, element by element."""
    return (f(x + h) - f(x - h)) / (2 * h)


drawn = pictures.figure(10, 8)
off = []  # the largest distance of a cross from the dots, for each Function
for row, pair in zip(drawn.subfigures(6 // 2, 1), zip(functions[::2], functions[1::2])):
    charts = row.subplots(1, 4)
    for (name, f, low, high), above, below in zip(pair, charts[::2], charts[1::2]):
        x = torch.linspace(low, high, 161, dtype=torch.float64)
        some = x[::16]
        above.plot(x.tolist(), f(x).tolist(), color=pictures.COLOURS[0], linewidth=2)
        above.set_title(name, fontsize=11)
        below.plot(x.tolist(), slopes(f, x).tolist(), ".", color=pictures.COLOURS[2], markersize=3, label="backward")
        crosses = quotients(f, some)
        below.plot(some.tolist(), crosses.tolist(), "x", color=pictures.COLOURS[1], markersize=8, label="quotient")
        below.set_title("its slope", fontsize=11)
        off.append((crosses - slopes(f, some)).abs().max().item())
        if off[-1] < 1e-9:  # a level line: without this matplotlib would magnify the rounding
            below.set_ylim(-2.5, 2.5)
        for axes in (above, below):
            axes.grid(alpha=0.3)
    if len(off) == 2:
        charts[1].legend(loc="lower right", fontsize=9)
pictures.show(
    drawn,
    "01_value_slopes_torch",
    alt="Six pairs of charts, for Add, Mul, Pow, Log, Exp and Relu: the curve of forward, and beside it the slopes "
    "from backward as dots and difference quotients as crosses. They agree but for Relu at 0, where backward says 0 "
    f"and the quotient 0.5. The largest distances in this order: {', '.join(f'{d:.0e}' for d in off)}.",
)

# %% [markdown]
# Only `Relu` at 0 has one: the quotient looks at both sides of the kink and finds the mean of 0 and 1. Everywhere else
# the distance is too small to be seen, at most about 0.00002, and that is the quotient's own error, not yours.
#
# ### What arrives is multiplied
#
# A `backward` does not return the slope. It returns the slope times what arrives, $\partial L / \partial y$. Here three
# different tensors arrive at your `Exp`: 1 everywhere; 1 at positive and $-1$ at negative $x$; 1 from $-1$ to 0 and
# from 1 to 2, and 0 elsewhere. **Predict first:** what does each of the three curves look like?

# %%
x = torch.linspace(-2.0, 1.999, 401, dtype=torch.float64)
arriving = {
    "1 everywhere": torch.ones_like(x),
    "the sign of $x$": x.sign(),
    "1 and 0 by turns": (x.floor() % 2 == 1).to(x.dtype),
}
drawn = pictures.figure(9, 3.4)
for axes, (name, grad) in zip(drawn.subplots(1, 3, sharey=True), arriving.items()):
    leaf = x.clone().requires_grad_()
    (result,) = torch.autograd.grad(Exp.apply(leaf), leaf, grad)
    axes.plot(x.tolist(), grad.tolist(), "--", color=pictures.COLOURS[6], linewidth=1.5, label="arrives: $dL/dy$")
    axes.plot(x.tolist(), result.tolist(), color=pictures.COLOURS[2], linewidth=2.5, label="returned: $dL/dx$")
    axes.set_title(name, fontsize=11)
    axes.set_xlabel("$x$")
    axes.grid(alpha=0.3)
drawn.axes[0].legend(loc="upper left", fontsize=9)
pictures.show(
    drawn,
    "01_value_arriving_torch",
    alt="Three charts of the backward of Exp. Ones arrive: it returns e to the x. The sign of x arrives: it returns "
    "e to the x, below zero on the left. Ones and zeros by turns arrive: it returns pieces of e to the x, and zero "
    "between them.",
)

# %% [markdown]
# Each is $e^x$ times the dashed line. Where nothing arrives, nothing is passed on, however steep the function may be.
