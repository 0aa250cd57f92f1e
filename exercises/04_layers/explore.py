"""Step 04, pure track: what the two layers do to vectors. `python exercises/04_layers/explore.py` saves the pictures.

Run it when `layers.py` passes its tests: every vector in the pictures comes from your own `linear` and `rmsnorm`. The
pictures are saved as `my_gpt/pictures/04_layers_*.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: a matrix and what it does
#
# On the left is a matrix of two rows. In the middle are four vectors, in the right chart the same four after your
# `linear`. **Predict first:** for the vector A, $(1, 0)$, you need no calculation. Where in the matrix do you find what
# becomes of it?

# %%
import math
import random

import pictures
from layers import linear, rmsnorm
from softmax import softmax
from value import Value


def values(numbers):
    return [Value(number) for number in numbers]


def matrix(rows):
    return [values(row) for row in rows]


def apply(w, numbers):
    """What your `linear` makes of a vector, as plain numbers."""
    return [y.data for y in linear(values(numbers), matrix(w))]


def plane(axes, title, reach):
    """An empty coordinate system, the same to all sides."""
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.axhline(0, color=pictures.COLOURS[6], linewidth=0.8)
    axes.axvline(0, color=pictures.COLOURS[6], linewidth=0.8)
    axes.grid(alpha=0.3)
    axes.set_title(title, fontsize=11)


def arrow(axes, x, y, i, name):
    """A vector from the origin, with its name beyond the tip."""
    colour = pictures.COLOURS[i]
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (x, y), (0, 0), arrowprops=style)
    beyond = 1 + 0.3 / math.hypot(x, y)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.text(beyond * x, beyond * y, name, color=colour, ha="center", va="center", weight="bold", bbox=ground)


w = [[0.5, -1.0], [1.5, 0.5]]
vectors = {"A": (1, 0), "B": (0, 1), "C": (1, 1), "D": (-1, -0.5)}
circle = [(math.cos(2 * math.pi * k / 60), math.sin(2 * math.pi * k / 60)) for k in range(61)]

drawn = pictures.figure(10, 3.6)
left, before, after = drawn.subplots(1, 3, width_ratios=(0.7, 1, 1))
pictures.heatmap(left, w, ["$x_0$", "$x_1$"], ["$y_0$", "$y_1$"], -2, 2, ".1f", 12)
left.set_title("w", fontsize=11)
plane(before, "before", 2.6)
plane(after, "after linear(x, w)", 2.6)
before.plot(*zip(*circle), ":", color=pictures.COLOURS[6])
after.plot(*zip(*(apply(w, point) for point in circle)), ":", color=pictures.COLOURS[6])
for i, (name, x) in zip((0, 1, 2, 6), vectors.items()):
    arrow(before, *x, i, name)
    arrow(after, *apply(w, x), i, name)
pictures.show(
    drawn,
    "04_layers_linear",
    alt="The matrix (0.5, -1), (1.5, 0.5); four vectors and the unit circle; the same after linear: "
    + "; ".join(f"{name} {x} to ({', '.join(f'{y:g}' for y in apply(w, x))})" for name, x in vectors.items())
    + ". The circle has become an ellipse.",
)

# %% [markdown]
# A becomes the first *column*, $(0.5, 1.5)$, and B the second: what a column says is where its input leads. C is A plus
# B, before and after, and straight lines stay straight: this is what *linear* means. All unit vectors, the dotted
# circle, become an ellipse. Whatever the weights are, a linear layer can do no more than turn, stretch, squeeze and
# flip. Anything bent needs `relu`.
#
# ### A row is a question
#
# Now the three rows of the lesson. The vector $x$ has the length of $(7, -1)$ and is turned once around the origin; for
# each direction you see the three outputs of your `linear`, and below what your `softmax` makes of them as logits. The
# dotted lines mark the directions of the rows themselves. **Predict first:** where will each curve have its highest
# point? And why is the third curve the highest of all?

# %%
rows = [[0.3, 0.1], [0.1, -0.3], [-0.2, -0.4]]
radius = math.sqrt(50)
angles = range(-180, 181, 3)
outputs, chances = [], []
for angle in angles:
    x = values([radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle))])
    logits = linear(x, matrix(rows))
    outputs.append([y.data for y in logits])
    chances.append([p.data for p in softmax(logits)])

drawn = pictures.figure(9, 5)
upper, lower = drawn.subplots(2, 1, sharex=True)
for i, (row, line) in enumerate(zip(rows, ("-", "--", "-."))):
    name = f"row {i}: ({pictures.number(row[0])}, {pictures.number(row[1])})"
    style = {"color": pictures.COLOURS[i], "linestyle": line, "linewidth": 2}
    upper.plot(angles, [y[i] for y in outputs], label=name, **style)
    lower.plot(angles, [p[i] for p in chances], **style)
    for axes in (upper, lower):
        own = math.degrees(math.atan2(row[1], row[0]))
        axes.axvline(own, color=pictures.COLOURS[i], linestyle=":", linewidth=1.5)
upper.set(ylabel="output", ylim=(-3.6, 3.6))
lower.set(ylabel="probability", xlabel="direction of $x$ in degrees", xlim=(-180, 180))
lower.set_xticks(range(-180, 181, 45))
drawn.legend(loc="outside upper center", ncols=3)
for axes in (upper, lower):
    axes.grid(alpha=0.3)
pictures.show(
    drawn,
    "04_layers_rows",
    alt="Three outputs against the direction of x: three waves, each highest where x points along its row, at 18, -72 "
    f"and -117 degrees, the third with {max(y[2] for y in outputs):.2f} the highest. Below, the probabilities: each "
    f"output leads over a range of directions, the second with {max(p[1] for p in chances):.2f} at most, the others "
    "with about 0.9.",
)

# %% [markdown]
# Each curve is highest where $x$ points along its row and lowest on the opposite side, and it crosses 0 where the two
# are at right angles. The third is the highest because its row is the longest. Below, letter 1 never gets more than
# 0.58: wherever its row answers loudly, a neighbour answers nearly as loudly. In the last layer of the GPT there are 27
# such rows, and the vector has to turn to where the row of the right letter is louder than all the others.
#
# ### One size for all
#
# Here are 40 vectors of 16 random numbers each, with sizes from a millionth to a million. Across is the root mean
# square (RMS) before your `rmsnorm`, upwards the one after it. **Predict first:** what would the picture be without
# $\varepsilon$? Which size do the smallest vectors get with it?

# %%
rng = random.Random(4)


def rms(numbers):
    return math.sqrt(sum(x * x for x in numbers) / len(numbers))


sizes, normed = [], {1e-5: [], 1e-1: []}
for k in range(40):
    x = [rng.gauss(0, 1) * 10 ** (-6 + 12 * k / 39) for _ in range(16)]
    sizes.append(rms(x))
    for eps, found in normed.items():
        found.append(rms([y.data for y in rmsnorm(values(x), eps=eps)]))

drawn = pictures.figure(8, 4.6)
axes = drawn.subplots()
axes.plot(sizes, sizes, ":", color=pictures.COLOURS[6], label="without a norm")
axes.plot(sizes, normed[1e-5], "o", color=pictures.COLOURS[0], label="rmsnorm, eps = 0.00001")
axes.plot(sizes, normed[1e-1], "^", color=pictures.COLOURS[1], fillstyle="none", label="rmsnorm, eps = 0.1")
axes.set(xscale="log", yscale="log", xlabel="RMS before", ylabel="RMS after", ylim=(1e-6, 1e6))
axes.grid(alpha=0.3)
axes.legend(loc="upper left")
pictures.show(
    drawn,
    "04_layers_rmsnorm",
    alt="RMS after rmsnorm against RMS before, both axes logarithmic, for 40 vectors. With eps 0.00001 all sizes from "
    f"0.01 to a million become about 1; below that the points slope down to {normed[1e-5][0]:.1e}. With eps 0.1 the "
    "slope begins near 1.",
)

# %% [markdown]
# Without $\varepsilon$ all points would lie at 1. With it the smallest vectors are multiplied by
# $1/\sqrt{\varepsilon}$, 316, and no more: an RMS of a millionth becomes about 0.0003. The bend is where the RMS is
# $\sqrt{\varepsilon}$, about 0.003. The numbers inside a GPT are far to the right of it, where $\varepsilon$ cannot be
# noticed; the triangles show what a large one would do.
#
# ### Layer upon layer
#
# The lesson claims that linear layers, one behind the other, shrink numbers or blow them up. Here is a vector of 16
# numbers on its way through eight layers with random weights, once with each of three spreads. Full lines: `linear`
# alone. Dashed: `rmsnorm` before every `linear`. **Predict first:** where do the dashed lines run?

# %%
spreads = {0.08: "o", 0.25: "s", 0.8: "^"}
drawn = pictures.figure(8, 4.6)
axes = drawn.subplots()
ends = {}
for i, (spread, mark) in enumerate(spreads.items()):
    layers = [[[rng.gauss(0, spread) for _ in range(16)] for _ in range(16)] for _ in range(8)]
    for line, norm in (("-", False), ("--", True)):
        x = values(rng.gauss(0, 1) for _ in range(16))
        course = [rms([number.data for number in x])]
        for w in layers:
            x = linear(rmsnorm(x) if norm else x, matrix(w))
            course.append(rms([number.data for number in x]))
        ends[spread, norm] = course[-1]
        name = f"weights {spread}" + (", normed" if norm else "")
        axes.plot(course, line, marker=mark, color=pictures.COLOURS[i], label=name)
axes.set(yscale="log", xlabel="layers passed", ylabel="RMS", ylim=(1e-5, 1e5))
axes.grid(alpha=0.3)
axes.legend(loc="upper left", ncols=3, fontsize=9)
pictures.show(
    drawn,
    "04_layers_depth",
    alt="RMS of a vector on its way through eight linear layers. Without a norm and with weights of 0.08 it falls to "
    f"{ends[0.08, False]:.1e}, with 0.25 it stays at {ends[0.25, False]:.2f}, with 0.8 it grows to "
    f"{ends[0.8, False]:.0f}. With rmsnorm before each layer the three stay level at {ends[0.08, True]:.2f}, "
    f"{ends[0.25, True]:.2f} and {ends[0.8, True]:.2f}.",
)

# %% [markdown]
# Level, each near 4 times the spread of its weights: every layer starts again from an RMS of 1, so the factors no
# longer multiply. Without the norm only one spread keeps the balance, $1/\sqrt{16} = 0.25$, and only as long as nobody
# trains the weights.
