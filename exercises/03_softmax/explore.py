"""Step 03, pure track: softmax and the loss, seen. `python exercises/03_softmax/explore.py` saves the pictures.

Run it when `softmax.py` passes its tests: every probability, loss and gradient comes from your own modules of steps 01
to 03. The pictures are saved as `my_gpt/pictures/03_softmax_*.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: warm and cold probabilities
#
# The logits of the lesson, 2, 1 and $-1$, are divided by a temperature $T$ before your `softmax` sees them. On the left
# you see the three probabilities for temperatures from 0.1 to 100. On the right is their *entropy*,
# $-\sum_i p_i \ln p_i$: it measures how undecided the probabilities are, 0 for a certain answer and $\ln 3$ for three
# equal ones. **Predict first:** where does each curve end on the left, and where on the right? Can two of the curves
# ever cross?

# %%
import math

import pictures
from backward import backward
from softmax import cross_entropy, softmax
from value import Value

logits = [2, 1, -1]
temperatures = [10 ** (k / 20 - 1) for k in range(61)]  # from 0.1 to 100
rows = [[p.data for p in softmax([Value(x / t) for x in logits])] for t in temperatures]
entropies = [-sum(p * math.log(p) for p in row if p > 0) for row in rows]

drawn = pictures.figure(9, 3.8)
left, right = drawn.subplots(1, 2)
for i, mark in enumerate(("o", "s", "^")):
    style = {"color": pictures.COLOURS[i], "marker": mark, "markevery": 10, "linewidth": 2}
    left.plot(temperatures, [row[i] for row in rows], label=f"logit {pictures.number(logits[i])}", **style)
left.set(ylabel="probability", ylim=(-0.03, 1.03))
left.legend(loc="upper right")
right.plot(temperatures, entropies, color="black", linewidth=2)
right.axhline(math.log(3), color=pictures.COLOURS[6], linestyle=":")
right.text(0.1, math.log(3) + 0.02, "ln 3", size=11, va="bottom")
right.set(ylabel="entropy", ylim=(-0.03, 1.25))
for axes in (left, right):
    axes.set(xscale="log", xlabel="temperature $T$")
    axes.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
    axes.axvline(1, color=pictures.COLOURS[6], linewidth=1, linestyle="--")
    axes.grid(alpha=0.3)
pictures.show(
    drawn,
    "03_softmax_temperature",
    alt="Probabilities of the logits 2, 1, -1 against temperature, and their entropy. At 0.1 the first has all of it; "
    f"at 1 they are {', '.join(f'{p:.3f}' for p in rows[20])}; at 100 nearly equal. The entropy rises from 0 to "
    f"almost ln 3 = {math.log(3):.3f}.",
)

print("    T   probabilities")
for t in (0.1, 0.5, 1, 2, 10, 100):
    print(f"{t:5}   " + "  ".join(f"{p.data:.4f}" for p in softmax([Value(x / t) for x in logits])))

# %% [markdown]
# Cold means certain: near $T = 0$ the highest logit takes everything. Hot means undecided: differences shrink to
# nothing, and each of the three goes to 1/3. The curves meet only there, at infinity, because dividing by $T$ keeps the
# order of the logits. The middle curve has a hump: as it gets warmer the second letter first gains from the first, and
# then has to share with the third.
#
# ### The loss and its slope
#
# Now one of the three logits is moved from $-8$ to 8, while the two others stay as they are. The target is letter 1.
# The full line moves the target's own logit, the dashed line moves the logit of letter 0, a wrong letter. **Predict
# first:** what is the steepest slope that either curve can have?

# %%
positions = [k / 5 for k in range(-40, 41)]


def moved(i, x):
    """The loss for target 1 and its gradient by logit i, when logit i is x."""
    values = [Value(logit) for logit in logits]
    values[i] = Value(x)
    loss = cross_entropy(values, target=1)
    backward(loss)
    return loss.data, values[i].grad


target, wrong = ([moved(i, x) for x in positions] for i in (1, 0))
drawn = pictures.figure(9, 3.8)
left, right = drawn.subplots(1, 2)
for axes, part, title in ((left, 0, "loss"), (right, 1, "gradient by the logit that is moved")):
    axes.plot(positions, [both[part] for both in target], color=pictures.COLOURS[0], linewidth=2.5)
    axes.plot(positions, [both[part] for both in wrong], "--", color=pictures.COLOURS[1], linewidth=2.5)
    axes.set_title(title, fontsize=12)
    axes.set_xlabel("the logit that is moved")
    axes.grid(alpha=0.3)
left.text(-4.2, 6.9, "the target's logit", color=pictures.COLOURS[0], size=11)
left.text(-7.8, 0.6, "a wrong letter's logit", color=pictures.COLOURS[1], size=11)
left.set_ylim(-0.4, 11)
right.text(-7.8, -0.78, "the target's:\n$p - 1$", color=pictures.COLOURS[0], size=11)
right.text(-6.5, 0.62, "a wrong letter's:\n$p$", color=pictures.COLOURS[1], size=11)
pictures.show(
    drawn,
    "03_softmax_loss",
    alt="Loss and gradient when one logit is moved from -8 to 8. Moving the target's logit, the loss falls from "
    f"{target[0][0]:.1f} to nearly 0, with a slope from -1 to 0. Moving a wrong letter's logit, it rises from "
    f"{wrong[0][0]:.2f} to {wrong[-1][0]:.1f}, with a slope from 0 to 1.",
)

# %% [markdown]
# The slopes are $p - 1$ and $p$, and a probability lies between 0 and 1. So no single guess can pull at a logit with
# more than 1, and a guess that is already right pulls with almost nothing. Far out the loss is a straight line: for
# each point that the right letter is behind, it costs one more.
#
# ### The maximum trick at a thousand
#
# Below, three lists of logits with the same differences: 0 and $-1$, then both moved up by 1000, then both moved down.
# `plain` is softmax as the formula is written, on floats and without taking away the maximum. **Predict first:** what
# does each line show?


# %%
def plain(numbers):
    """Softmax without taking away the maximum."""
    exps = [math.exp(x) for x in numbers]
    return [e / sum(exps) for e in exps]


print(f"{'logits':>14}   {'plain formula':22}{'your softmax'}")
for numbers in ([0, -1], [1000, 999], [-1000, -1001]):
    try:
        naive = ", ".join(f"{p:.4f}" for p in plain(numbers))
    except ArithmeticError as error:
        naive = type(error).__name__
    yours = ", ".join(f"{p.data:.4f}" for p in softmax([Value(x) for x in numbers]))
    print(f"{', '.join(str(x) for x in numbers):>14}   {naive:22}{yours}")

# %% [markdown]
# The answer is the same all three times, because only differences count. The plain formula fails upwards because
# $e^{1000}$ is too large for a float, and downwards because $e^{-1000}$ is 0 and so is the sum.
#
# ### Where the probability is 0
#
# Two logits, 0 and $-d$, and the second is the target: the larger $d$, the more hopeless the guess. Three losses are
# made of your own functions: your `cross_entropy`, the definition `-softmax(...)[1].log()`, and the definition with a
# $10^{-12}$ added inside the logarithm to save it. Watch the gradient by the target's logit on the right.
# **Predict first:** how far does each of them get?


# %%
def two_stages(values):
    return -softmax(values)[1].log()


def patched(values):
    return -(softmax(values)[1] + 1e-12).log()


def whole(values):
    return cross_entropy(values, target=1)


def curve(loss_of, gaps):
    """(gap, loss, gradient by the target's logit) for each gap, as far as there is a loss."""
    points = []
    for gap in gaps:
        values = [Value(0), Value(-gap)]
        try:
            loss = loss_of(values)
            backward(loss)
        except (ArithmeticError, ValueError):
            break
        points.append((gap, loss.data, values[1].grad))
    return points


gaps = range(0, 1001, 5)
losses = {"cross_entropy": whole, "in two stages": two_stages, "two stages, patched": patched}
curves = {name: curve(loss_of, gaps) for name, loss_of in losses.items()}
drawn = pictures.figure(9, 3.8)
charts = drawn.subplots(1, 2)
for part, (axes, title) in enumerate(zip(charts, ("loss", "gradient by the target's logit")), start=1):
    for i, (name, line, width) in enumerate(zip(curves, ("-", "--", ":"), (5, 3, 3))):
        points = [(point[0], point[part]) for point in curves[name] if math.isfinite(point[part])]
        colour = pictures.COLOURS[i]
        axes.plot(*zip(*points), line, color=colour, linewidth=width, label=name)
        if points[-1][0] < gaps[-1]:
            axes.plot(*points[-1], "X", color=colour, markersize=12, markeredgecolor="white")
            below = {"textcoords": "offset points", "ha": "left" if part == 1 else "center", "color": colour}
            axes.annotate(f"ends at {points[-1][0]}", points[-1], (8, -18) if part == 1 else (0, 12), **below)
    axes.set_title(title, fontsize=12)
    axes.set_xlabel("gap $d$")
    axes.grid(alpha=0.3)
charts[0].legend(loc="upper left")
charts[1].set_ylim(-1.15, 0.15)
pictures.show(
    drawn,
    "03_softmax_underflow",
    alt="Loss and gradient against the gap d between a wrong letter's logit and the target's. cross_entropy: the loss "
    "is d, up to 1000, and the gradient -1. In two stages: the same, but the loss ends at "
    f"{curves['in two stages'][-1][0]}. Patched: from a gap of about 30 on the loss stays at "
    f"{curves['two stages, patched'][-1][1]:.1f} and the gradient at 0.",
)

# %% [markdown]
# All three agree at the beginning. In two stages the loss ends where $p = e^{-d}$ is 0 as a float, and the gradient is
# lost a little earlier, where the $1 / p$ of the logarithm is too large for one. The patched loss never ends, and that
# is worse: from a gap of about 30 on it stands still and its gradient is 0, so training never hears of the mistake.
# Your `cross_entropy` goes on pulling with its full strength of 1.
