"""Step 04, PyTorch track: the layers on batches. `python exercises/04_layers/explore_torch.py` saves the pictures.

Run it when `layers_torch.py` passes its tests: every tensor in the pictures comes from your own functions. The pictures
are saved as `my_gpt/pictures/04_layers_*_torch.png`, beneath the folder where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: one call, many vectors
#
# Whatever stands before the last dimension only counts vectors. **Predict first:** which shape comes out of each call?
# Cover the last column with your hand.

# %%
import math

import pictures
import torch
from backward_torch import backward
from layers_torch import linear, rmsnorm

shapes = (((16,), (27, 16)), ((5, 16), (27, 16)), ((4, 5, 16), (64, 16)), ((4, 5, 64), (16, 64)))  # of x and of w
results = [tuple(linear(torch.zeros(x_shape), torch.zeros(w_shape)).shape) for x_shape, w_shape in shapes]
print(f"{'x':>14} {'w':>10}    linear(x, w)")
for (x_shape, w_shape), shape in zip(shapes, results):
    print(f"{x_shape!s:>14} {w_shape!s:>10}    {shape}")

# %% [markdown]
# The last number of `x` has to be the last number of `w`, and the first number of `w` takes its place.
#
# ### A batch of points
#
# The letter F is drawn with 61 points here, a tensor of shape (61, 2), and one call of your `linear` moves them all.
# **Predict first**, from the numbers in the titles: which of the three matrices turns the F, which one leans it over,
# and what does the third do to it?

# %%
steps = torch.linspace(0, 1, 21)
zeros = torch.zeros_like(steps)
letter = torch.cat(
    [
        torch.stack([zeros, 1.5 * steps], dim=1),
        torch.stack([steps, zeros + 1.5], dim=1)[1:],
        torch.stack([0.7 * steps, zeros + 0.8], dim=1)[1:],
    ]
)  # (61, 2)
matrices = [[[0.0, -1.0], [1.0, 0.0]], [[1.0, 0.6], [0.0, 1.0]], [[0.8, 0.4], [0.4, 0.2]]]

drawn = pictures.figure(10, 2.6)
charts = drawn.subplots(1, 4, sharey=True)
shown = [("before", letter)]
for rows in matrices:
    title = ", ".join(f"({pictures.number(a)}, {pictures.number(b)})" for a, b in rows)
    shown.append((title, linear(letter, torch.tensor(rows))))
for axes, (title, points) in zip(charts, shown):
    axes.scatter(points[:, 0].tolist(), points[:, 1].tolist(), s=14, color=pictures.COLOURS[0])
    axes.plot(*points[20].tolist(), "s", color=pictures.COLOURS[1], markersize=8)
    axes.set(xlim=(-1.8, 2.2), ylim=(-0.5, 2), aspect="equal")
    axes.axhline(0, color=pictures.COLOURS[6], linewidth=0.8)
    axes.axvline(0, color=pictures.COLOURS[6], linewidth=0.8)
    axes.grid(alpha=0.3)
    axes.set_title(title, fontsize=11)
pictures.show(
    drawn,
    "04_layers_letter_torch",
    alt="The letter F as points, and after three matrices: (0, -1), (1, 0) turns it by a quarter, (1, 0.6), (0, 1) "
    "leans it to the right, (0.8, 0.4), (0.4, 0.2) flattens it to a straight line. A square marks the same "
    "corner each time.",
)

# %% [markdown]
# The first turns it by a quarter and the second leans it over. The third has two rows with the same direction: both
# outputs ask the same question, and everything ends up on one line. No layer behind it can tell the points apart that
# have fallen together.
#
# ### One root for each vector
#
# A batch of shape (4, 5, 16): four names, five positions, vectors of 16 numbers. They differ in size, from name to name
# and from position to position, and the last one of the last name is all zeros. Each cell is the root mean square (RMS)
# of one vector. The third picture shows what happens if the mean is taken over the whole tensor instead of the last
# dimension. **Predict first:** what will the cell of the zeros show in the middle?

# %%
generator = torch.Generator().manual_seed(4)
scale = torch.tensor([0.1, 1.0, 3.0, 10.0])[:, None, None] * torch.tensor([1.0, 0.5, 2.0, 0.2, 4.0])[:, None]
x = torch.randn(4, 5, 16, generator=generator) * scale  # (4, 5, 16) * (4, 5, 1)
x[3, 4] = 0


def rms(x):
    """The root mean square of each vector: (..., C) -> (...)."""
    return x.square().mean(dim=-1).sqrt()


wrong = x / (x.square().mean() + 1e-5).sqrt()  # one root for all of them
drawn = pictures.figure(10, 3)
down, across = [f"name {b}" for b in range(4)], [f"{t}" for t in range(5)]
cases = (("before", x, 30), ("after your rmsnorm", rmsnorm(x), 2), ("one root for all", wrong, 3))
for axes, (title, cells, high) in zip(drawn.subplots(1, 3), cases):
    pictures.heatmap(axes, rms(cells).tolist(), across, down, 0, high, ".2f", 10)
    axes.set(title=title, xlabel="position", aspect="auto")
pictures.show(
    drawn,
    "04_layers_rmsnorm_torch",
    alt=f"Three tables of 4 by 5 RMS. Before, they range from 0 to {rms(x).max():.1f}. After rmsnorm all are 1.00, or "
    f"just below, but for the vector of zeros, which stays 0. With one root for all they range up to "
    f"{rms(wrong).max():.2f}.",
)

# %% [markdown]
# Zeros stay zeros: $\varepsilon$ turns 0 / 0 into 0. All the other vectors get the size 1, each by its own root. With
# one root for all, a vector would depend on what else happens to be in the batch, and on later positions, which the
# model is not allowed to see.
#
# ### The way back
#
# The lesson says that the gradients share the fate of the numbers. Here are 16 layers one behind the other, their
# weights with a spread of 0.08, a batch of 32 vectors, and as a loss the sum of all outputs. Your `backward` of step 02
# fills in the gradients of all the weights; each mark is the RMS of one layer's `.grad`. **Predict first:** without the
# norm, does the first layer or the last one get the smaller gradient?


# %%
def gradient_sizes(depth, norm):
    """The RMS of the gradient of each layer's weights, from the first layer to the last."""
    own = torch.Generator().manual_seed(1)
    weights = [(0.08 * torch.randn(16, 16, generator=own, dtype=torch.float64)).requires_grad_() for _ in range(depth)]
    x = torch.randn(32, 16, generator=own, dtype=torch.float64)
    for w in weights:
        x = linear(rmsnorm(x) if norm else x, w)
    backward(x.sum())
    return [w.grad.square().mean().sqrt().item() for w in weights]


plain, normed = gradient_sizes(16, norm=False), gradient_sizes(16, norm=True)
drawn = pictures.figure(8, 4.4)
axes = drawn.subplots()
numbers = range(1, 17)
axes.plot(numbers, normed, "s--", color=pictures.COLOURS[0], label="rmsnorm before each linear")
axes.plot(numbers, plain, "o-", color=pictures.COLOURS[1], label="linear alone")
axes.set(yscale="log", xlabel="layer, counted from the input", ylabel="RMS of the gradient", xticks=numbers)
axes.grid(alpha=0.3)
axes.legend(loc="center right")
pictures.show(
    drawn,
    "04_layers_gradients_torch",
    alt=f"RMS of the gradient for each of 16 layers. Linear layers alone: from {min(plain):.0e} to {max(plain):.0e}, "
    f"much the same for all layers. With rmsnorm before each layer: from {min(normed):.1f} to {max(normed):.1f}.",
)

# %% [markdown]
# Neither. A weight's gradient is what arrives from above times the number that came in from below. At the first layer
# the input still has its full size and little arrives; at the last it is the other way round. Either way 15 factors of
# about 0.32 are multiplied, and $0.32^{15} \approx 4 \cdot 10^{-8}$. With the norm the gradients are tens of millions
# of times larger, at every layer.
