"""Step 02, pure track: gradients in the graph. `python exercises/02_backward/explore.py` saves the pictures.

Run it when `backward.py` passes its tests: it draws your own Values of step 01 with what your `backward` puts into
them. The pictures are saved as `my_gpt/pictures/02_backward_*.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: where the gradients come from
#
# The diamond of the lesson, $L = s (s + c)$ with $s = a b$, from your own Values. In front of each name stands the
# node's number in your `topological_order`, counted from 1; on the edges stand local derivatives, and the last line of
# each box is what your `backward` has left there. Check two things. No arrow leads from a higher number to a lower one.
# And every `grad` is the sum, over the arrows that leave the box, of the number on the arrow times the `grad` at its
# tip.

# %%
import math

import pictures
from backward import backward, topological_order
from value import Value

a, b, c = Value(3), Value(0.5), Value(4)
s = a * b
u = s + c
L = s * u
backward(L)

called = {a: "a", b: "b", c: "c", s: "s", u: "u", L: "L"}
names = {node: f"{i}:  {called[node]}" for i, node in enumerate(topological_order(L), start=1)}
drawn = pictures.draw_graph(L, names)
pictures.show(
    drawn,
    "02_backward_graph",
    alt="The graph of L = s (s + c), s = a b, with data, grad and the number in the topological order in each box. "
    f"Gradients: {', '.join(f'{name} {node.grad:g}' for node, name in called.items())}.",
)

# %% [markdown]
# ### Path by path
#
# The chain rule can also be read without any order: multiply along each path from $L$ down to a leaf, and add over the
# paths. **Predict first:** how many paths lead from $L$ to $b$? Below they are followed one by one, for every leaf.


# %%
def paths(node, leaf):
    """Each way from `node` down to `leaf`, as the list of the local derivatives that it meets."""
    if node is leaf:
        return [[]]
    edges = zip(node._children, node._local_grads)
    return [[local, *rest] for child, local in edges for rest in paths(child, leaf)]


for name, leaf in (("a", a), ("b", b), ("c", c)):
    ways = paths(L, leaf)
    products = " + ".join(" * ".join(f"{local:g}" for local in way) for way in ways)
    total = sum(math.prod(way) for way in ways)
    print(f"dL/d{name} = {products} = {total:g}    (backward: {leaf.grad:g})")

# %% [markdown]
# The sums agree with `backward`, as they must. But here each path was walked by itself. In the chain of fifty doublings
# from the lesson there are $2^{50}$ of them, while `backward` crosses each of the 100 edges once.
#
# ### How small should h be?
#
# A difference quotient needs no calculus, only two runs of the calculation. How good is it? We take
# $f(x) = \ln(x^3 + e^x)$ at $x = 0.7$ and compare two quotients with your `backward`: the one-sided
# $(f(x + h) - f(x)) / h$ and the symmetric $(f(x + h) - f(x - h)) / 2h$, for steps $h$ from 0.3 down to $10^{-13}$.
# **Predict first:** the smaller the step, the better?


# %%
def f(x):
    return (x**3 + x.exp()).log()


x = Value(0.7)
y = f(x)
backward(y)
steps = [10 ** (-k / 4) for k in range(2, 53)]  # from 0.3 down to 1e-13
one_sided = [(f(Value(0.7 + h)).data - y.data) / h for h in steps]
symmetric = [(f(Value(0.7 + h)).data - f(Value(0.7 - h)).data) / (2 * h) for h in steps]
errors = [[abs(q - x.grad) or 1e-17 for q in quotients] for quotients in (one_sided, symmetric)]  # 0 has no logarithm
best = [min(zip(error, steps)) for error in errors]

drawn = pictures.figure(8, 4.8)
axes = drawn.subplots()
axes.loglog(steps, errors[0], "s-", color=pictures.COLOURS[1], markersize=4, label="one-sided")
axes.loglog(steps, errors[1], "o-", color=pictures.COLOURS[0], markersize=4, label="symmetric")
axes.set(xlabel="step $h$, smaller to the right", ylabel="distance from backward", ylim=(1e-14, 10))
axes.invert_xaxis()
axes.text(2e-2, 2e-9, "falls with $h^2$", color=pictures.COLOURS[0], ha="right", size=11)
axes.text(3e-3, 1.2e-2, "falls with $h$", color=pictures.COLOURS[1], ha="left", size=11)
axes.text(2e-10, 2e-3, "rounding: grows with $1/h$", color="black", ha="center", size=11)
axes.grid(alpha=0.3)
axes.legend(loc="lower right")
pictures.show(
    drawn,
    "02_backward_steps",
    alt="Distance of two difference quotients from backward against the step h, both axes logarithmic. Each curve "
    f"falls to a lowest point and rises again: the one-sided one at {best[0][0]:.0e} for h near {best[0][1]:.0e}, "
    f"the symmetric one at {best[1][0]:.0e} for h near {best[1][1]:.0e}.",
)

exact = (3 * 0.7**2 + math.exp(0.7)) / (0.7**3 + math.exp(0.7))
print(f"by hand                    {exact:.15f}")
print(f"backward                   {x.grad:.15f}")
print(f"symmetric, h = {best[1][1]:.0e}       {symmetric[steps.index(best[1][1])]:.15f}")
print(f"one-sided, h = {best[0][1]:.0e}       {one_sided[steps.index(best[0][1])]:.15f}")

# %% [markdown]
# No. On the left the curvature of $f$ is the trouble: a step that is ten times smaller makes the one-sided error ten
# times smaller, and the symmetric one a hundred times. On the right the two numbers that are subtracted agree in nearly
# all their digits, what is left of the difference is mostly rounding, and division by a small $h$ magnifies it. Even at
# the best step only about nine digits are right on one side, and eleven with both; `backward` has no step to choose and
# agrees with the formula to the last digit or two. Quotients serve for checking, with $h$ near $10^{-5}$, not for
# training.
#
# ### A second call
#
# **Predict first:** `backward(L)` is called twice more on the diamond. Which boxes of the first picture show other
# numbers now?

# %%
backward(L)
backward(L)
drawn = pictures.draw_graph(L, names)
pictures.show(
    drawn,
    "02_backward_thrice",
    alt="The diamond after three calls of backward. Inside nothing has changed: "
    f"L {L.grad:g}, u {u.grad:g}, s {s.grad:g}. The leaves have three times as much: a {a.grad:g}, b {b.grad:g}, "
    f"c {c.grad:g}.",
)

# %% [markdown]
# Only the leaves, on grey ground: they add up what three calls have brought. Had `s` or `u` kept their old gradients,
# the leaves would now hold more than three times the first.
