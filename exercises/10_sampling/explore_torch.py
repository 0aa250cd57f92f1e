"""Step 10, PyTorch track: how a name is drawn, letter by letter, and what the temperature does.

`python exercises/10_sampling/explore_torch.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`sampling_torch` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: chance, letter by letter
#
# The model is the one that the course has lent you since step 06, after 1,000 steps of 16 names each, so that all see
# the same pictures. When you have trained your own, put its numbers here.

# %%
import math

import pictures
import torch
from gpt_torch import gpt
from sampling_torch import generate, sample
from softmax_torch import softmax
from tokenizer_torch import Tokenizer, load_docs

torch.set_num_threads(1)

chars, numbers = pictures.trained()
trained = {name: torch.tensor(matrix) for name, matrix in numbers.items()}
tokenizer = Tokenizer(chars)
labels = [*chars, "end"]  # as a prediction, BOS means that the name ends here


@torch.no_grad()
def next_logits(ids):
    """The logits (V,) of the token that follows these."""
    return gpt(trained, torch.tensor([ids]))[0, -1]


def after(prefix):
    return next_logits(tokenizer.encode(prefix)[:-1].tolist())


# %% [markdown]
# ### The line from 0 to 1, and points on it
#
# What follows "emm"? The upper half of each pair is the line from 0 to 1, cut by the probabilities of your `softmax`.
# The lower half is cut by what your `sample` drew in 2,000 draws, in the same order. Which random numbers it used and
# how is your own affair, but the two halves must be nearly alike. How alike? A share of $p$ among $n$ draws has a
# standard deviation of $\sqrt{p (1 - p) / n}$, at most 0.011 here.
#
# Predict first: which of the pieces grows as the temperature goes down to 0?

# %%
DRAWS = 2000
logits = after("emm")
temperatures = [0.2, 0.5, 1.0, 2.0]
generator = torch.Generator().manual_seed(2)
fig = pictures.figure(7.5, 4.4)
axes = fig.subplots()
worst = []
for line, temperature in enumerate(temperatures):
    expected = softmax(logits / temperature)
    drawn = torch.tensor([sample(logits, temperature, generator) for _ in range(DRAWS)])
    shares = drawn.bincount(minlength=len(labels)) / DRAWS
    worst.append((shares - expected).abs().max().item())
    for shift, pieces in ((-0.2, expected.tolist()), (0.2, shares.tolist())):
        start = 0.0
        for i, p in enumerate(pieces):
            colour, hatch = ((5, ""), (4, "//"), (2, ".."))[i % 3]
            colour = pictures.COLOURS[colour]
            axes.barh(line + shift, p, left=start, height=0.34, color=colour, hatch=hatch, edgecolor="white")
            if p > 0.01 + 0.018 * len(labels[i]):  # wide enough for its letter
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
                place = (start + p / 2, line + shift)
                axes.text(*place, labels[i], ha="center", va="center", fontsize=10, bbox=box)
            start += p
places = [line + shift for line in range(len(temperatures)) for shift in (-0.2, 0.2)]
axes.set_yticks(places, [text for t in temperatures for text in (f"T = {t}, softmax", "sample")])
axes.invert_yaxis()
axes.set_xlim(0, 1)
axes.tick_params(axis="y", length=0)
axes.spines[["top", "right", "left"]].set_visible(False)
axes.set_xlabel('probabilities of the letter after "emm", and shares among 2,000 draws')
pictures.show(
    fig,
    "10_line_torch",
    alt="Pairs of lines from 0 to 1 at four temperatures, cut by the probabilities of the letter after emm and by the "
    f"shares of 2,000 draws: nearly alike, at most {max(worst):.3f} apart. At 0.2 nearly all is a, at 2 many letters.",
)
print("largest difference at each temperature:", "  ".join(f"{w:.4f}" for w in worst))

# %% [markdown]
# ### A name comes into being
#
# Each row is one step: the probabilities of all 27 tokens at temperature 0.8, in per cent, from which one is drawn. The
# drawn one has a frame. Then *all* tokens so far are fed to the model, and the next row is what it says now. Was the
# drawn letter the most likely one? Where is the model sure, and where does it have a choice?

# %%
TEMPERATURE = 0.8
generator = torch.Generator().manual_seed(4)
ids, rows = [tokenizer.bos], []
while len(ids) <= 16:
    logits = next_logits(ids)
    rows.append(softmax(logits / TEMPERATURE).tolist())
    ids.append(sample(logits, TEMPERATURE, generator))
    if ids[-1] == tokenizer.bos:
        break
name = tokenizer.decode(ids)
chances = [row[i] for row, i in zip(rows, ids[1:], strict=True)]
likeliest = sum(p == max(row) for p, row in zip(chances, rows, strict=True))

percent = [[round(100 * p) or None for p in row] for row in rows]  # nothing is written where it rounds to 0
fig = pictures.figure(8, 0.5 + 0.42 * len(rows))
axes = fig.subplots()
pictures.heatmap(axes, percent, labels, [name[:t] or "(start)" for t in range(len(rows))], high=60, form="d")
axes.set_aspect("auto")
for t, i in enumerate(ids[1:]):
    left, right, upper, lower = i - 0.5, i + 0.5, t - 0.5, t + 0.5
    frame = ([left, right, right, left, left], [upper, upper, lower, lower, upper])
    axes.plot(*frame, color=pictures.COLOURS[1], linewidth=2.5, clip_on=False)
pictures.show(
    fig,
    "10_a_name_is_drawn_torch",
    alt=f"Probabilities of the next token at each step of drawing {name}; the drawn ones had "
    f"{', '.join(f'{100 * p:.0f}' for p in chances)} per cent.",
)
print(f"{name}: the likeliest token was drawn in {likeliest} of {len(chances)} steps")
print(f"with these probabilities: {'  '.join(f'{p:.2f}' for p in chances)}; their product is {math.prod(chances):.1e}")

# %% [markdown]
# The white cells matter as much as the coloured ones. Most rows rule out many letters, and with whatever is drawn from
# the rest one can go on.
#
# ### Turning the knob
#
# A hundred names for each of eight temperatures, by your `generate`: how many of them are different, and how many
# stand in the list that the model was trained on? Predict first: at which temperature are most of them real names? And
# why is that not the best temperature?

# %%
names = set(load_docs(pictures.HERE / "data" / "names.txt"))
temperatures = [0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0]
different, real = [], []
for temperature in temperatures:
    generator = torch.Generator().manual_seed(3)
    made = [generate(trained, tokenizer, temperature, generator) for _ in range(100)]
    different.append(len(set(made)))
    real.append(sum(name in names for name in made))
    if temperature in (0.2, 0.5, 1.0, 2.0):
        print(f"T = {temperature}:  {'  '.join(made[:9])}")

fig = pictures.figure(7, 3.8)
axes = fig.subplots()
axes.plot(temperatures, different, "o-", color=pictures.COLOURS[0], label="different names among 100")
axes.plot(temperatures, real, "s--", color=pictures.COLOURS[1], label="in the list of 1,628")
axes.set_xscale("log")
axes.set_xticks(temperatures, temperatures)
axes.minorticks_off()
axes.set_xlabel("temperature")
axes.set_ylabel("per cent")
axes.set_ylim(0, 105)
axes.legend(frameon=False, loc="center right")
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "10_temperatures_torch",
    alt="Of 100 names at each temperature, per cent that are different: "
    + ", ".join(f"{share} at {t}" for t, share in zip(temperatures, different, strict=True))
    + "; per cent that are in the list: "
    + ", ".join(f"{share} at {t}" for t, share in zip(temperatures, real, strict=True))
    + ".",
)

# %% [markdown]
# The colder, the more real names, and the more often the same ones. The hotter, the more new ones, until they are no
# names any more. Where the curves are far apart *and* the names still sound like names, the model is at its most
# useful: about 0.5 to 1.
#
# ### How much choice is left?
#
# The *entropy* of a distribution, $H = -\sum_i p_i \ln p_i$, is the loss that the model expects of itself, and $e^H$
# says among how many equally likely letters one would have as much choice. Here it is at temperature 1 for every letter
# of four names, in one call for each name: how many choices the model saw where this letter came. Predict first: which
# letters of "christina" leave the least choice?

# %%
shown = ["elizabeth", "charlotte", "alexander", "christina"]
rows = []
for name in shown:
    with torch.no_grad():
        p = softmax(gpt(trained, tokenizer.encode(name)[None, :-1])[0])  # (T, V)
    rows.append((-(p * p.clamp(min=1e-30).log()).sum(-1)).exp().tolist())

fig = pictures.figure(7.5, 3.4)
axes = fig.subplots()
image = pictures.heatmap(axes, rows, range(1, 11), [""] * len(shown), high=27)
axes.set_aspect("auto")
for line, (name, row) in enumerate(zip(shown, rows, strict=True)):
    for column, (letter, number) in enumerate(zip([*name, "end"], row, strict=True)):
        axes.text(column, line - 0.2, letter, ha="center", va="center", fontsize=12)
        axes.text(column, line + 0.22, f"{number:.1f}", ha="center", va="center", fontsize=9)
axes.set_xlabel("place in the name")
fig.colorbar(image, ax=axes, label="number of choices")
pictures.show(
    fig,
    "10_choices_torch",
    alt="Number of choices at each letter of four names. "
    + " ".join(
        f"{name}: {', '.join(f'{number:.1f}' for number in row)}." for name, row in zip(shown, rows, strict=True)
    ),
)

# %% [markdown]
# Every name begins with the same 21 choices, as nothing is known. Some letters are nearly settled by what stands before
# them: after "eliza" the model knows what comes. At the end of these names it has hardly a doubt. Note that a small
# number does not say that the model is right. It says how sure it is, and the loss of step 08 says how right.
