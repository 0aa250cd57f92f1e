"""Step 06, PyTorch track: what a fresh state looks like, what training makes of it, and which rows learn.

`python exercises/06_embedding/explore_torch.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`embedding_torch` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: from chance to letters that belong together
#
# Two states to compare: a fresh one from your `init_state`, and one that has been trained. You will train yourself in
# step 09; until then the course lends you the 4,192 numbers of a model after 1,000 steps of 16 names each.

# %%
import math

import pictures
import torch
from embedding_torch import embed, init_state, parameters
from tokenizer_torch import Tokenizer, load_docs, make_batch

torch.set_num_threads(1)

chars, numbers = pictures.trained()
tokens = [*chars, "BOS"]
trained = {name: torch.tensor(matrix, requires_grad=True) for name, matrix in numbers.items()}
fresh = init_state(len(tokens), generator=torch.Generator().manual_seed(1))
assert all(trained[name].shape == fresh[name].shape for name in fresh)
print(f"{sum(p.numel() for p in parameters(fresh)):,} numbers in {len(fresh)} matrices, fresh and trained")

# %% [markdown]
# ### Is the fresh state Gaussian, and where do the numbers go?
#
# The bars count how many of your fresh numbers lie in each interval of 0.02; the dashed line is what a Gaussian of mean
# 0 and standard deviation 0.08 promises. The solid steps are the trained numbers. Predict first: does training move the
# parameters far from where they began, or hardly at all?

# %%
std, width = 0.08, 0.02
before = torch.cat([p.detach().flatten() for p in parameters(fresh)])
after = torch.cat([p.detach().flatten() for p in parameters(trained)])
edges = [width * i for i in range(-50, 51)]
line = torch.linspace(-1, 1, 801)
promised = len(before) * width * torch.exp(-(line**2) / (2 * std**2)) / (std * math.sqrt(2 * math.pi))

fig = pictures.figure(7, 3.6)
axes = fig.subplots()
axes.hist(before.tolist(), edges, color=pictures.COLOURS[5], label="your fresh state")
axes.hist(after.tolist(), edges, histtype="step", color=pictures.COLOURS[0], linewidth=1.5, label="trained")
axes.plot(line.tolist(), promised.tolist(), "--", color=pictures.COLOURS[1], linewidth=2, label="Gaussian, 0.08")
axes.set_xlim(-1, 1)
axes.set_xlabel("number")
axes.set_ylabel("how many of 4,192")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "06_numbers_torch",
    alt=f"Histogram of all {len(before):,} parameters. Fresh: a narrow bell with standard deviation "
    f"{before.std():.3f}, as a Gaussian of 0.08 promises. Trained: a flat, wide hill with {after.std():.3f}.",
)

print("standard deviation    fresh  trained")
for name in fresh:
    print(f"{name:18} {fresh[name].std():8.3f} {trained[name].std():8.3f}")

# %% [markdown]
# ### Which letters lie near each other?
#
# The vectors of all tokens at once: with a table of positions that is all zeros, `embed` returns the rows of `wte`.
# Divide each by its length, and one matrix product of (27, 16) and (16, 27) gives the *cosines* of all pairs: 1 for the
# same direction, 0 for a right angle, $-1$ for opposite directions.
#
# The table is symmetric, so the picture has room for both states: the trained one *below* the diagonal, the fresh one
# *above* it. Tokens stand in an order of ours, vowels first. Where do you see blocks, and where only noise?

# %%
MINUS = "\N{MINUS SIGN}"
order = [*"uyieoa", *"rjlqhfbgzdnkmvwxsptc", "BOS"]
places = torch.tensor([tokens.index(token) for token in order])


@torch.no_grad()
def vectors(state):
    """The row of every token, by way of `embed`: (27, 16)."""
    return embed({**state, "wpe": torch.zeros(1, 16)}, torch.arange(len(tokens))[:, None])[:, 0]


def cosines(rows):
    rows = rows / (rows * rows).sum(-1, keepdim=True).sqrt()
    return rows @ rows.T


similar = {"trained": cosines(vectors(trained)), "fresh": cosines(vectors(fresh))}
lower = similar["trained"][places][:, places].tril(-1)
both = (lower + similar["fresh"][places][:, places].triu(1)).tolist()

fig = pictures.figure(7.4, 6)
axes = fig.subplots()
image = pictures.heatmap(axes, both, order, order, low=-0.8, high=0.8)
for line, row in enumerate(both):
    for column, number in enumerate(row):
        if abs(number) >= 0.4:
            axes.text(column, line, "+" if number > 0 else MINUS, ha="center", va="center_baseline", fontsize=9)
axes.get_xticklabels()[-1].set_rotation(90)
for border in (5.5, 25.5):  # vowels | consonants | BOS
    axes.axhline(border, color="black", linewidth=0.8)
    axes.axvline(border, color="black", linewidth=0.8)
axes.set_xlabel("above the diagonal: fresh")
axes.set_ylabel("below the diagonal: trained")
fig.colorbar(image, ax=axes, shrink=0.7, label=f"cosine (+ or {MINUS}: at least 0.4 from 0)")
pictures.show(
    fig,
    "06_cosines_torch",
    alt="Cosines of all pairs of tokens. Below the diagonal, trained: vowels are alike, groups of consonants such as "
    "v w x s p t are alike, and the two camps point away from each other. Above it, fresh: noise without blocks.",
)

print("    nearest, trained           nearest, fresh")
for token in "aeimdvtsq":
    i = tokens.index(token)
    columns = []
    for table in (similar["trained"], similar["fresh"]):
        best = table[i].argsort(descending=True)[1:4]  # the nearest of all is the token itself
        columns.append("  ".join(f"{tokens[j]:>3} {table[i, j]:.2f}" for j in best))
    print(f"{token}  {columns[0]}   {columns[1]}")

# %% [markdown]
# Be careful with what you see: in 16 dimensions even random directions have cosines with a spread of $1 / \sqrt{16} =
# 0.25$, so single cells as strong as these come about by chance. But that all ten pairs of a, e, i, o and u have a
# positive cosine in the trained state, while 86 of the 105 pairs of a vowel and a consonant have a negative one, is no
# chance. Nobody has told the model what a vowel is: letters that are followed by the same letters get similar
# gradients.
#
# ### A map of the letters
#
# Sixteen dimensions cannot be drawn, two can. The *principal directions* of the 27 points are those in which they
# differ most; `torch.linalg.svd` finds them. Each token is drawn at its place along the first and the second of them
# (a little aside where two would cover each other). The percentage says how much of the squared distances from the
# centre these two keep; the rest is in the 14 directions that you do not see.

# %%
vowels = set("aeiou")


def apart(places, distance):
    """Push points that are closer than `distance` away from each other, until none are."""
    for _ in range(200):
        away = places[:, None] - places[None, :]  # (27, 27, 2)
        far = away.square().sum(-1).sqrt() + torch.eye(len(places)) * distance  # no point is close to itself
        places = places + (away / far[:, :, None] * (distance - far).clamp(min=0)[:, :, None]).sum(1) / 4
    return places


fig = pictures.figure(7.5, 4.2)
for axes, (kind, state) in zip(fig.subplots(1, 2), (("fresh", fresh), ("trained", trained)), strict=True):
    points = vectors(state).double()
    points = points - points.mean(0)
    strengths, directions = torch.linalg.svd(points, full_matrices=False)[1:]
    kept = (strengths[:2].square().sum() / strengths.square().sum()).item()
    places = points @ directions[:2].T  # (27, 2)
    places = places * places[0].sign()  # the sign of a direction is arbitrary: a shall be at the upper right
    reach = 1.15 * places.abs().max().item()
    for token, (x, y) in zip(tokens, apart(places, 0.13 * reach).tolist(), strict=True):
        colour = pictures.COLOURS[1 if token in vowels else 0]
        if token in vowels:
            axes.plot(x, y, "s", markersize=13, color="white", markeredgecolor=colour)
        axes.text(x, y, token, ha="center", va="center_baseline", fontsize=11, color=colour)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set_title(f"{kind}: {kept:.0%} of the squares", fontsize=11)
    axes.locator_params(nbins=5)
    axes.set_xlabel("first direction")
fig.axes[0].set_ylabel("second direction")
pictures.show(
    fig,
    "06_map_torch",
    alt="Two maps of the tokens along their two principal directions. Fresh: vowels and consonants are mixed. Trained: "
    "the five vowels, in boxes, lie together at the right, the consonants at the left.",
)

# %% [markdown]
# In the trained map the vowels, in boxes, lie on one side. That the two directions keep about a third is not much to be
# proud of: those of a fresh state keep about as much, by chance alone.
#
# ### Which rows learn, and how often?
#
# The gradient of the sum of all embeddings counts how often each row was used; that was the question of the lesson.
# Here it is asked for all 1,628 names at once. The padding has to be left out, and the targets know where it is: they
# are $-1$ there. Predict first: how often is the row of position 15 used?

# %%
names = load_docs(pictures.HERE / "data" / "names.txt")
inputs, targets = make_batch(names, Tokenizer(chars))  # (1628, 12) each
asked = {name: matrix.detach().clone().requires_grad_() for name, matrix in trained.items()}
(embed(asked, inputs) * (targets != -1)[:, :, None]).sum().backward()
used = {name: asked[name].grad[:, 0].int().tolist() for name in ("wte", "wpe")}
length = {name: trained[name].detach().square().sum(1).sqrt().tolist() for name in ("wte", "wpe")}

fig = pictures.figure(7.5, 6)
for axes, name, labels in zip(fig.subplots(2, 1), used, (tokens, list(range(16))), strict=True):
    axes.bar(range(len(labels)), length[name], color=pictures.COLOURS[5])
    axes.axhline(0.32, color=pictures.COLOURS[6], linestyle="--", linewidth=1, label="0.32, a fresh row")
    for i, (height, count) in enumerate(zip(length[name], used[name], strict=True)):
        axes.text(i, max(height, 0.32) + 0.04, count, ha="center", va="bottom", fontsize=9, rotation=90)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylabel("length of the row")
    axes.set_ylim(0, 1.75)
    axes.set_title(f"{name}: trained rows; the numbers say how often the list uses each", fontsize=11)
    axes.legend(loc="upper right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "06_use_torch",
    alt="Length of each trained row of wte and wpe, with the number of uses. Position rows 12 to 15 have 0 uses and "
    "are as short as fresh ones, about 0.3. All others are about 0.5 to 1.3 long; q with 10 uses is longer than a.",
)

# %% [markdown]
# What was never used has the gradient 0 and stays as chance made it: positions 12 to 15. But rarely used is not little
# moved. The ten uses of *q*, again and again over 1,000 steps, have made a row longer than that of *a*. Why so few
# gradients can go so far is a matter of the optimizer, step 09.
