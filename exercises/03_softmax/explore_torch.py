"""Step 03, PyTorch track: softmax on tables. `python exercises/03_softmax/explore_torch.py` saves the pictures.

Run it when `softmax_torch.py` passes its tests: every probability and gradient comes from your own functions. The
pictures are saved as `my_gpt/pictures/03_softmax_*_torch.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: rows or columns
#
# Here is a table of scores, (4, 6), and your `softmax` of it along either dimension. **Predict first:** the
# highest score of the whole table is the 3.0 in row 1. Does it get the highest probability in both pictures?

# %%
import math

import pictures
import torch
from backward_torch import backward
from softmax_torch import cross_entropy, softmax

scores = torch.tensor(
    [
        [1.0, 0.2, -1.0, 0.5, 2.0, 0.0],
        [3.0, 2.8, -0.5, 2.9, 0.1, 2.7],
        [-2.0, 0.3, 1.5, -1.0, 0.4, 0.0],
        [0.0, 1.0, 1.0, -3.0, 2.5, -0.5],
    ]
)
over_rows, over_columns = softmax(scores), softmax(scores, dim=0)

drawn = pictures.figure(10, 3)
charts = drawn.subplots(1, 3)
numbers, rows = [f"{i}" for i in range(6)], [f"row {i}" for i in range(4)]
row_sums = [f"sum {total:.2f}" for total in over_rows.sum(dim=1).tolist()]
column_sums = [f"{total:.2f}" for total in over_columns.sum(dim=0).tolist()]
pictures.heatmap(charts[0], scores.tolist(), numbers, rows, -4, 4, ".1f", 10)
pictures.heatmap(charts[1], over_rows.tolist(), numbers, row_sums, 0, 1.2, ".2f", 10)
pictures.heatmap(charts[2], over_columns.tolist(), column_sums, rows, 0, 1.2, ".2f", 10)
for axes, name in zip(charts, ("scores", "softmax(scores)", "softmax(scores, dim=0)")):
    axes.set_title(name, fontsize=11)
    axes.set_aspect("auto")
charts[2].set_xlabel("sum of the column")
pictures.show(
    drawn,
    "03_softmax_dim_torch",
    alt="A table of 4 by 6 scores, and softmax along its rows and along its columns. With dim=-1 each row adds up to "
    f"1, and the highest score, 3.0, gets {over_rows[1, 0]:.2f}; with dim=0 each column does, and it gets "
    f"{over_columns[1, 0]:.2f}.",
)

# %% [markdown]
# No. In its row the 3.0 has three rivals of nearly the same height and has to share with them; in its column it has
# none. A probability says nothing about a score by itself, only about the others in the same slice.
#
# ### Cold and warm, all at once
#
# The scores of row 1 are divided by nine temperatures, which makes a table of shape (9, 6), and one call of your
# `softmax` treats all the rows. **Predict first:** at which temperature do you stop seeing that column 0 has the
# highest score?

# %%
temperatures = torch.tensor([0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0])
warm = softmax(scores[1] / temperatures[:, None])  # (6,) / (9, 1) -> (9, 6)
entropies = -(warm * warm.clamp(min=1e-30).log()).sum(dim=1)

drawn = pictures.figure(9, 4.2)
left, right = drawn.subplots(1, 2, width_ratios=(2, 1))
across = [f"{score:.1f}" for score in scores[1].tolist()]
pictures.heatmap(left, warm.tolist(), across, [f"{t:g}" for t in temperatures.tolist()], 0, 1.2, ".3f", 10)
left.set(xlabel="score", ylabel="temperature $T$", aspect="auto")
left.set_title("softmax(row 1 / $T$)", fontsize=11)
right.barh(range(9), entropies.tolist(), color=pictures.COLOURS[0])
right.axvline(math.log(6), color=pictures.COLOURS[6], linestyle=":")
right.text(math.log(6) - 0.04, 0, "ln 6", ha="right", va="center", size=11)
right.set_yticks([])
right.set(ylim=(8.5, -0.5), xlabel="entropy")
right.set_title("how undecided", fontsize=11)
pictures.show(
    drawn,
    "03_softmax_temperature_torch",
    alt="Nine rows of probabilities of the scores 3, 2.8, -0.5, 2.9, 0.1, 2.7, from temperature 0.05 to 100, and their "
    f"entropies. At 0.05 the first has {warm[0, 0]:.3f}; at 1 it has {warm[4, 0]:.3f}; at 100 all have about 1/6. The "
    f"entropy rises from {entropies[0]:.2f} to {entropies[-1]:.2f}, almost ln 6.",
)

# %% [markdown]
# At temperature 1 four columns look nearly alike, and above 10 all six do. The entropy, $-\sum_i p_i \ln p_i$, rises
# from almost 0, a certain answer, to $\ln 6$, six equal ones.
#
# ### What the mean does to the gradients
#
# The four rows of scores are four guesses now, with the targets 4, 3, $-1$ and 2: the third is padding. The picture
# shows what your `cross_entropy` and your `backward` of step 02 leave in `.grad`. **Predict first:** what do the
# numbers of one row add up to, and how large can a single one get at most?

# %%
targets = torch.tensor([4, 3, -1, 2])
leaf = scores.clone().requires_grad_()
loss = cross_entropy(leaf, targets)
backward(loss)

drawn = pictures.figure(8, 3.2)
axes = drawn.subplots()
sums = leaf.grad.sum(dim=1).abs().tolist()
down = [f"target {target}, sum {total:.3f}" for target, total in zip(targets.tolist(), sums)]
pictures.heatmap(axes, leaf.grad.tolist(), numbers, down, -0.4, 0.4, ".3f", 10)
axes.set_aspect("auto")
axes.set_title(f"gradient of the mean loss, {loss.item():.4f}", fontsize=11)
for row, target in enumerate(targets.tolist()):
    if target >= 0:
        axes.plot(target, row + 0.3, "^", color="black", markersize=6)
pictures.show(
    drawn,
    "03_softmax_gradient_torch",
    alt="The gradients of the mean loss by 4 by 6 scores. In rows 0, 1 and 3 the target, marked with a triangle, has a "
    "negative number and the others positive ones, and the row adds up to 0. Row 2, with target -1, is all zeros. The "
    f"largest is {leaf.grad.abs().max():.3f}.",
)

# %% [markdown]
# A triangle marks the target. Each row is softmax minus onehot, so it adds up to 0, and it is divided by 3, the number
# of targets kept, so no entry can be larger than 1/3. Row 2 does not pull at anything. Had it been counted in the
# division, all the others would be a quarter too small.
#
# ### The maximum trick, in three kinds of floats
#
# Scores of 0 and $-1$, both moved up or down by the same amount. `plain` is the formula without taking away the
# maximum. Torch does not stop with an error here: infinity over infinity, and 0 over 0, are `nan`. **Predict first:**
# float32 ends at about $3.4 \cdot 10^{38}$, which is $e^{88.7}$. Up to which shift does `plain` work there?


# %%
def plain(x):
    """Softmax without taking away the maximum."""
    return x.exp() / x.exp().sum(dim=-1, keepdim=True)


shifts = (-1000, -110, 0, 80, 90, 700, 1000)
print(f"{'shift':>6}" + "".join(f"{name:>18}" for name in ("plain float32", "plain float64", "yours float32")))
for shift in shifts:
    cells = []
    for function, dtype in ((plain, torch.float32), (plain, torch.float64), (softmax, torch.float32)):
        row = function(torch.tensor([0.0, -1.0], dtype=dtype) + shift)
        cells.append(", ".join(f"{p:.4f}" for p in row.tolist()))
    print(f"{shift:6}" + "".join(f"{cell:>18}" for cell in cells))

# %% [markdown]
# Float32 breaks above 88 and, as everything underflows, below about $-104$; float64 above 709 and below $-745$. Yours
# works everywhere, because the shift cancels before the exponential is taken.
#
# ### Impossible is minus infinity
#
# A look ahead: in attention (step 07) position $t$ may look at the positions up to $t$ and not at later ones. The later
# scores are set to $-\infty$ before softmax. **Predict first:** in the first row a single finite score is left. What is
# its probability?

# %%
square = torch.tensor([[0.5, 2.0, 1.0, 0.0], [1.0, 1.0, 3.0, 0.0], [0.2, -1.0, 1.5, 2.0], [0.0, 1.0, 0.5, -0.5]])
later = torch.ones(4, 4).triu(diagonal=1).bool()
masked = square.masked_fill(later, -torch.inf)
drawn = pictures.figure(8, 3.2)
left, right = drawn.subplots(1, 2)
places = [f"{t}" for t in range(4)]
pictures.heatmap(left, square.where(~later, 0).tolist(), places, places, -4, 4)
for t, row in enumerate(masked.tolist()):
    for other, score in enumerate(row):
        left.text(other, t, f"{score:.1f}".replace("-inf", "\N{MINUS SIGN}\N{INFINITY}"), ha="center", va="center")
pictures.heatmap(right, softmax(masked).tolist(), places, places, 0, 1.2, ".2f", 10)
for axes, name in ((left, "scores, masked"), (right, "softmax of each row")):
    axes.set(xlabel="may be looked at", ylabel="looks", aspect="auto")
    axes.set_title(name, fontsize=11)
pictures.show(
    drawn,
    "03_softmax_mask_torch",
    alt="Scores of 4 by 4 with minus infinity above the diagonal, and softmax of each row. Above the diagonal all "
    "probabilities are 0, and each row adds up to 1: the first is 1, 0, 0, 0.",
)

# %% [markdown]
# It is 1, whatever the score. Each further row shares its 1 among one position more.
