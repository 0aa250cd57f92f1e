"""Step 06, pure track: what a fresh state looks like, and what training makes of it.

`python exercises/06_embedding/explore.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`embedding` and the modules before it.
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
# step 09; until then the course lends you the 4,192 numbers of a model after 1,000 steps of 16 names each. Here they
# are put into Values of yours, in a dict like that of `init_state`.

# %%
import math
import random
from itertools import combinations, product

import pictures
from embedding import embed, init_state, parameters
from tokenizer import load_docs
from value import Value

chars, numbers = pictures.trained()
tokens = [*chars, "BOS"]
trained = {name: [[Value(number) for number in row] for row in matrix] for name, matrix in numbers.items()}
fresh = init_state(len(tokens), rng=random.Random(42))
for name, matrix in trained.items():
    assert (len(matrix), len(matrix[0])) == (len(fresh[name]), len(fresh[name][0])), name
print(f"{len(parameters(fresh)):,} fresh numbers, {len(parameters(trained)):,} trained ones, in {len(fresh)} matrices")

# %% [markdown]
# ### Is the fresh state Gaussian?
#
# The bars count how many of your numbers lie in each interval of 0.016, a fifth of a standard deviation. The line is
# what a Gaussian of mean 0 and standard deviation 0.08 promises.
#
# Predict first: how many of the 4,192 numbers are further from 0 than two standard deviations, 0.16? And than three?

# %%
std = 0.08
drawn = [value.data for value in parameters(fresh)]
width = std / 5
edges = [width * i for i in range(-20, 21)]
line = [width / 10 * i for i in range(-200, 201)]
promised = [len(drawn) * width * math.exp(-(x**2) / (2 * std**2)) / (std * math.sqrt(2 * math.pi)) for x in line]

fig = pictures.figure(7, 3.6)
axes = fig.subplots()
axes.hist(drawn, edges, color=pictures.COLOURS[5], edgecolor="white", label="your fresh state")
axes.plot(line, promised, color=pictures.COLOURS[1], linewidth=2, label="Gaussian, standard deviation 0.08")
axes.set_xticks([-0.32, -0.24, -0.16, -0.08, 0, 0.08, 0.16, 0.24, 0.32])
axes.set_xlabel("number")
axes.set_ylabel("how many of 4,192")
axes.set_ylim(0, 1.3 * max(promised))
axes.legend(loc="upper center", ncols=2, frameon=False)
axes.spines[["top", "right"]].set_visible(False)
mean = sum(drawn) / len(drawn)
spread = math.sqrt(sum((x - mean) ** 2 for x in drawn) / len(drawn))
pictures.show(
    fig,
    "06_fresh_numbers",
    alt=f"Histogram of the {len(drawn):,} fresh parameters: a bell around {mean:.4f} with standard deviation "
    f"{spread:.4f}, close to the curve of a Gaussian with mean 0 and standard deviation 0.08.",
)

print(f"mean {mean:.4f}, standard deviation {spread:.4f}")
for k in (1, 2, 3):
    beyond = sum(abs(x) > k * std for x in drawn)
    expected = len(drawn) * math.erfc(k / math.sqrt(2))
    print(f"further from 0 than {k * std:.2f}: {beyond:5,} of {len(drawn):,}; a Gaussian promises {expected:5,.0f}")

# %% [markdown]
# ### Which letters lie near each other?
#
# The vector of a token alone: give `embed` a table of positions that holds zeros, and the sum is the token's row. Two
# vectors are compared by their *cosine*, the dot product divided by both lengths: 1 for the same direction, 0 for a
# right angle, $-1$ for opposite directions.
#
# The table of all cosines is symmetric, so half of it is enough, and the picture has room for both states: *below* the
# diagonal the trained one, *above* it the fresh one. Tokens stand in an order of ours, vowels first. Where do you see
# blocks, and where only noise?

# %%
MINUS = "\N{MINUS SIGN}"
order = [*"uyieoa", *"rjlqhfbgzdnkmvwxsptc", "BOS"]
places = [tokens.index(token) for token in order]
zeros = [[Value(0)] * len(trained["wpe"][0])]


def vectors(state):
    """The row of every token, as plain numbers, by way of `embed`."""
    return [[x.data for x in embed({**state, "wpe": zeros}, token, 0)] for token in range(len(tokens))]


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


similar = {}
for kind, state in (("trained", trained), ("fresh", fresh)):
    rows = vectors(state)
    similar[kind] = [[cosine(a, b) for b in rows] for a in rows]

both = [
    [
        similar["trained" if line > column else "fresh"][i][j] if line != column else None
        for column, j in enumerate(places)
    ]
    for line, i in enumerate(places)
]
fig = pictures.figure(7.4, 6)
axes = fig.subplots()
image = pictures.heatmap(axes, both, order, order, low=-0.8, high=0.8)
for line, row in enumerate(both):
    for column, number in enumerate(row):
        if number is not None and abs(number) >= 0.4:
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
    "06_cosines",
    alt="Cosines of all pairs of tokens. Below the diagonal, trained: vowels are alike, groups of consonants such as "
    "v w x s p t are alike, and the two camps point away from each other. Above it, fresh: noise without blocks.",
)

# %% [markdown]
# Below the diagonal the vowels have come to lie together, and away from most consonants. Nobody has told the model what
# a vowel is. But a letter that is followed by the same letters as another is useful in the same way, so the two rows
# get similar gradients.
#
# Be careful with what you see, though. In 16 dimensions even random directions have cosines with a spread of
# $1 / \sqrt{16} = 0.25$, so single cells as strong as these come about by chance; and we have put similar consonants
# side by side, which could be done with noise as well. A fair test takes groups that were fixed beforehand, and
# averages. For the 10 pairs of vowels, chance alone gives a mean within about $0.25 / \sqrt{10} = 0.08$ of 0.

# %%
vowels = [i for i, char in enumerate(chars) if char in "aeiou"]
consonants = [i for i, char in enumerate(chars) if char not in "aeiou"]
groups = {
    "vowel and vowel": list(combinations(vowels, 2)),
    "vowel and consonant": list(product(vowels, consonants)),
    "two consonants": list(combinations(consonants, 2)),
}
print(f"{'mean cosine':20} {'pairs':>5} {'trained':>8} {'fresh':>6}")
for group, pairs in groups.items():
    means = {kind: sum(table[i][j] for i, j in pairs) / len(pairs) for kind, table in similar.items()}
    print(f"{group:20} {len(pairs):5} {means['trained']:8.2f} {means['fresh']:6.2f}")

print("\n    nearest, trained           nearest, fresh")
for token in "aeimdvtsq":
    i = tokens.index(token)
    columns = []
    for table in (similar["trained"], similar["fresh"]):
        best = sorted((j for j in range(len(tokens)) if j != i), key=lambda j: -table[i][j])[:3]
        columns.append("  ".join(f"{tokens[j]:>3} {table[i][j]:.2f}" for j in best))
    print(f"{token}  {columns[0]}   {columns[1]}")

# %% [markdown]
# The vowels' mean is far beyond chance. Between the fresh neighbours of a letter there is no more than luck. (And
# *q*, which only ten names contain, has neighbours that make as little sense as those of the fresh state.)

# %% [markdown]
# ### What did the positions learn?
#
# The same for the other table, with a row of zeros for the token. The longest name in the list has 11 letters, so that
# with BOS in front the last position ever used is 11. Predict first: a fresh row of 16 numbers with spread 0.08 has a
# length of about $0.08 \cdot \sqrt{16} = 0.32$. How long are the trained rows 12 to 15?

# %%
names = load_docs(pictures.HERE / "data" / "names.txt")


def lengths(state):
    """How long the vector of each position is: the root of its sum of squares."""
    rows = [embed({**state, "wte": zeros}, 0, position) for position in range(len(state["wpe"]))]
    return [math.sqrt(sum(x.data**2 for x in row)) for row in rows]


after, before = lengths(trained), lengths(fresh)
reach = [sum(len(name) >= position for name in names) for position in range(len(after))]
fig = pictures.figure(7, 3.8)
axes = fig.subplots()
axes.bar(range(16), after, color=pictures.COLOURS[0], label="trained")
axes.plot(range(16), before, "D", color=pictures.COLOURS[1], label="fresh")
axes.axhline(0.32, color=pictures.COLOURS[6], linestyle="--", linewidth=1, label="0.32")
for position, (height, count) in enumerate(zip(after, reach)):
    axes.text(position, max(height, before[position], 0.32) + 0.04, count, ha="center", fontsize=9)
axes.set_xticks(range(16))
axes.set_xlabel("position (above each bar: how many of the 1,628 names reach it)")
axes.set_ylabel("length of the row of wpe")
axes.set_ylim(0, 1.55)
axes.legend(loc="upper left", ncols=3, frameon=False)
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "06_positions",
    alt="Length of each trained row of wpe: about 0.5 to 1.3 at the positions 0 to 11, and near 0.3 at 12 to 15, "
    "the length of fresh rows. No name reaches positions 12 to 15.",
)

# %% [markdown]
# Rows 12 to 15 are as chance made them. No name was ever there, so their gradient was 0 in every step: what follows
# twelve letters the model has never been told. Positions 10 and 11 were seen rarely, and yet their rows are among the
# longest. Why a rare row can move so far is a matter of the optimizer, step 09.
