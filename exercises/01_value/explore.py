"""Step 01, pure track: what your Values remember, drawn. `python exercises/01_value/explore.py` saves the pictures.

Run it when `value.py` passes its tests: every number in the pictures comes from your own `Value`. The pictures are
saved as `my_gpt/pictures/01_value_*.png`, beneath the folder where you start it. Change the expressions and look again.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: what your Values remember
#
# The figure in the lesson was drawn by hand. This one is drawn from your own Values: it starts at `y` and follows
# `_children`, and on each edge it writes the number that it finds in `_local_grads`. Names are all that has to be
# added, because a Value does not know what it is called. The formula is the lesson's, $y = \max(0, a b + 2)$ with
# $a = 3$ and $b = -0.5$, so you can compare number by number.

# %%
import pictures
from value import Value

a, b = Value(3), Value(-0.5)
product = a * b
total = product + 2
y = total.relu()
names = {a: "a", b: "b", product: "a b", total: "a b + 2", y: "y = relu(a b + 2)"}

drawn = pictures.draw_graph(y, names, grads=False)
pictures.show(
    drawn,
    "01_value_graph",
    alt="The graph of y = relu(a b + 2). a = 3 and b = -0.5 lead to their product, the product to the sum a b + 2, the "
    f"sum to y = {y.data:g}. On each edge stands a local derivative; at the product they are b and a.",
)

# %% [markdown]
# **Predict first.** Let $b$ be $-1$ instead of $-0.5$. Which numbers in the boxes change, and which on the edges? Then
# follow the path from $b$ to $y$ and multiply: how fast does $y$ change with $b$ now?

# %%
b = Value(-1)
product = a * b
total = product + 2
y = total.relu()
names = {a: "a", b: "b", product: "a b", total: "a b + 2", y: "y = relu(a b + 2)"}

drawn = pictures.draw_graph(y, names, grads=False)
pictures.show(
    drawn,
    "01_value_shut",
    alt=f"The same graph with b = -1. The sum is {total.data:g} and y is {y.data:g}. The edge from the sum to y now "
    "has the local derivative 0, and the edge from a to the product has b = -1.",
)

# %% [markdown]
# The sum is negative, so `relu` gives 0, and its local derivative is 0 as well. Every path to $y$ leads over that edge,
# so every product contains the 0: a small change of $a$ or $b$ does nothing to $y$. A `relu` is a gate, and here it is
# shut.
#
# ### One operand, several ways
#
# What has your class written down for $a \cdot a \cdot a$? Nobody told it that the three operands are one and the same.
# Find all the paths from $a$ to $y$, multiply along each of them and add the products. What should come out is the
# derivative of $a^3$, which is $3 a^2 = 27$ at $a = 3$.

# %%
a = Value(3)
square = a * a
cube = square * a

drawn = pictures.draw_graph(cube, {a: "a", square: "a a", cube: "a a a"}, grads=False)
pictures.show(
    drawn,
    "01_value_cube",
    alt=f"The graph of a a a for a = 3. a leads to the square, {square.data:g}, with 6 in all, and directly to "
    f"the cube, {cube.data:g}, with 9; the square leads to the cube with 3. Over all paths that makes 27.",
)

# %% [markdown]
# The arrow into the square stands for two edges with a 3 each (or, if your class stores `a` only once, for one with a
# 6), and the edge from the square to the cube carries another 3. Together with the direct edge that makes
# $3 \cdot 3 + 3 \cdot 3 + 9 = 27$. Adding over all paths by hand is what step 02 will spare you.
#
# ### A local derivative is the slope of a tangent
#
# Here are your six operations as curves. Each dot is one Value, and through it goes a straight line with the slope that
# the Value has stored for $x$. If the slope is right, the line touches the curve. **Predict first:** which slope does
# `relu` store at exactly 0, and does a line with that slope touch the curve there?


# %%
def slope(result, x):
    """d(result)/dx as stored in `result`, which may hold x more than once."""
    return sum(d for child, d in zip(result._children, result._local_grads) if child is x)


operations = [  # what it is called, the operation, from, to, where the tangents are
    ("$x + 2$", lambda x: x + 2, -2, 2, (-1, 1)),
    ("$x \\cdot (-1.5)$", lambda x: x * -1.5, -2, 2, (-1, 1)),
    ("$x^3$", lambda x: x**3, -2, 2, (-1, 1.5)),
    ("$\\ln x$", lambda x: x.log(), 0.1, 4.1, (0.5, 3)),
    ("$e^x$", lambda x: x.exp(), -2, 2, (-1, 1.5)),
    ("relu $x$", lambda x: x.relu(), -2, 2, (0, 1.2)),
]

drawn = pictures.figure(9, 5.6)
for axes, (name, f, low, high, points) in zip(drawn.subplots(2, 3).flat, operations):
    xs = [low + (high - low) * i / 100 for i in range(101)]
    axes.plot(xs, [f(Value(x)).data for x in xs], color=pictures.COLOURS[0], linewidth=2)
    told = []
    for at in points:
        x = Value(at)
        result = f(x)
        m = slope(result, x)
        told.append(f"{pictures.number(m)} at {pictures.number(at)}")
        ends = [at - 0.6, at + 0.6]
        line = [result.data + m * (end - at) for end in ends]
        axes.plot(ends, line, color=pictures.COLOURS[1], linewidth=3, alpha=0.8)
        axes.plot(at, result.data, "o", color="black", markersize=6)
    axes.set_title(f"{name}\nslope " + ", ".join(told), fontsize=11)
    axes.grid(alpha=0.3)
pictures.show(
    drawn,
    "01_value_tangents",
    alt="Six small charts: x + 2, x times -1.5, x cubed, ln x, e to the x and relu x as curves. Straight lines with "
    "the stored slopes touch the curves at two points each; at 0 the line of relu is level, with slope 0.",
)

# %% [markdown]
# At its kink `relu` has no tangent. Your class stores 0 there: the level line fits the curve to the left of 0 and not
# to the right. That is the convention of the lesson, and for training it does not matter, since a sum is almost never
# exactly 0.
