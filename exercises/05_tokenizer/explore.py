"""Step 05, pure track: what the model will be asked. `python exercises/05_tokenizer/explore.py` saves the pictures.

Run it when `tokenizer.py` passes its tests: the ids come from your own `load_docs` and `Tokenizer`, the names from
`exercises/data/names.txt`. The pictures are saved as `my_gpt/pictures/05_tokenizer_*.png`, beneath the folder where you
start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: one name, many questions
#
# The vocabulary is made from the names that come with the course. Below you see what your `encode` makes of one of
# them, cut into questions: in each row the model sees the cells on the left, all of them, and is asked for the one on
# the right. In each cell stands the character, "." for BOS, and beneath it the id. **Predict first:** how many rows
# will "olivia" have? Put it in the place of "emma" and see.

# %%
import math
from itertools import pairwise

import pictures
from tokenizer import Tokenizer, load_docs

docs = load_docs(pictures.HERE / "data" / "names.txt")
tokenizer = Tokenizer(docs)
marks = [*tokenizer.chars, "."]  # how each id is shown
print(f"{len(docs):,} names, {tokenizer.vocab_size} ids: {' '.join(marks)}")


def cell(axes, x, y, token, fill, rim):
    """A square with a token: its character and its id."""
    axes.fill([x, x + 1, x + 1, x], [y, y, y + 1, y + 1], facecolor=fill, edgecolor=rim, linewidth=1.5)
    axes.text(x + 0.5, y + 0.42, marks[token], ha="center", va="center", size=15)
    axes.text(x + 0.5, y + 0.8, f"{token}", ha="center", va="center", size=9, color=pictures.COLOURS[6])


tokens = tokenizer.encode("emma")
n = len(tokens) - 1
drawn = pictures.figure(0.75 * (n + 4), 0.75 * (n + 1))
axes = drawn.subplots()
for t in range(n):
    for k, token in enumerate(tokens[: t + 1]):
        cell(axes, k, 1.15 * t, token, "#c7dff2" if k == t else "#eff5fb", pictures.COLOURS[0])
    arrow = {"arrowstyle": "-|>", "color": pictures.COLOURS[6]}
    axes.annotate("", (n + 0.9, 1.15 * t + 0.5), (t + 1.1, 1.15 * t + 0.5), arrowprops=arrow)
    cell(axes, n + 1, 1.15 * t, tokens[t + 1], "#fbe3d2", pictures.COLOURS[1])
    axes.text(-0.3, 1.15 * t + 0.5, f"position {t}", ha="right", va="center", size=10)
axes.text(0, -0.3, "what is seen", size=11, color=pictures.COLOURS[0])
axes.text(n + 1.5, -0.3, "target", size=11, color="#a84600", ha="center")
axes.set(xlim=(-2.2, n + 2.2), ylim=(1.15 * n, -0.8), aspect="equal")
axes.set_axis_off()
spoken = ["BOS" if token == tokenizer.bos else marks[token] for token in tokens]
pictures.show(
    drawn,
    "05_tokenizer_pairs",
    alt=f"The {n} questions of emma, ids {tokens}: "
    + ", ".join(f"after {' '.join(spoken[: t + 1])} comes {spoken[t + 1]}" for t in range(n))
    + ".",
)

# %% [markdown]
# "olivia" has seven: one for each letter, and one for the end. In "emma" the darker cell, the newest token, is the same
# in rows 2 and 3. Whoever looks only at that one cell cannot know that the answers differ.
#
# ### Which answers are frequent?
#
# Here all the targets of all the names are counted. **Predict first:** one of the 27 is the right answer more often
# than any other. Which one?

# %%
pairs = [[0] * tokenizer.vocab_size for _ in range(tokenizer.vocab_size)]  # [input][target]
for doc in docs:
    ids = tokenizer.encode(doc)
    for this, following in pairwise(ids):
        pairs[this][following] += 1
counts = [sum(column) for column in zip(*pairs)]
total = sum(counts)

drawn = pictures.figure(9, 3.4)
axes = drawn.subplots()
colours = [pictures.COLOURS[0]] * tokenizer.bos + [pictures.COLOURS[1]]
percents = [100 * count / total for count in counts]
labels = [f"{percent:.0f}" if percent >= 1 else f"{percent:.1f}" for percent in percents]
ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
bars = axes.bar(range(len(marks)), percents, color=colours)
axes.bar_label(bars, labels, size=9, bbox=ground)
axes.axhline(100 / 27, color=pictures.COLOURS[6], linestyle=":")
axes.text(16, 100 / 27 + 0.2, "1/27", ha="center", size=10)
axes.set_xticks(range(len(marks)), marks)
axes.set(ylabel="percent of all targets", xlim=(-0.7, 26.7), ylim=(0, 17.5))
often = sorted(range(len(marks)), key=counts.__getitem__, reverse=True)
pictures.show(
    drawn,
    "05_tokenizer_letters",
    alt=f"How often each of the 27 tokens is the target, of {total:,}. The most frequent: "
    + ", ".join(f"{'BOS' if i == tokenizer.bos else marks[i]} {percents[i]:.0f} percent" for i in often[:5])
    + f". The rarest: {marks[often[-1]]} with {counts[often[-1]]} of them.",
)

# %% [markdown]
# BOS, the end: names are short, and each of them ends once. The dotted line is where all the bars would be if the
# letters were equally frequent.
#
# ### Which token follows which?
#
# The same pairs again, now told apart by the input. Each row is one input, and says which part of its answers was which
# token, so each row adds up to 1. **Predict first:** which row has nearly all its colour in one cell? Which letters
# like to be the last of a name? And what does the row of "." tell?

# %%
shares = [[count / max(1, sum(row)) for count in row] for row in pairs]
drawn = pictures.figure(9, 8)
axes = drawn.subplots()
image = pictures.heatmap(axes, shares, marks, marks, 0, 0.6)
axes.set(xlabel="target, the next token", ylabel="input, the newest token")
axes.tick_params(top=True, labeltop=True)
axes.set_xticks([x + 0.5 for x in range(26)], minor=True)
axes.set_yticks([y + 0.5 for y in range(26)], minor=True)
axes.grid(which="minor", color="#dddddd", linewidth=0.6)
axes.tick_params(which="minor", length=0)
drawn.colorbar(image, shrink=0.7, label="part of the row's answers; 0.6 and more", extend="max")
seen = sum(count > 0 for row in pairs for count in row)
first = max(range(26), key=pairs[tokenizer.bos].__getitem__)
pictures.show(
    drawn,
    "05_tokenizer_bigrams",
    alt=f"A table of 27 by 27: which token follows which. {seen} of the {27 * 27} pairs occur. After q comes u, with "
    f"{shares[marks.index('q')][marks.index('u')]:.2f}; after a the end, with {shares[0][tokenizer.bos]:.2f}; a name "
    f"begins most often with {marks[first]}, {shares[tokenizer.bos][first]:.2f}.",
)

# %% [markdown]
# After *q* comes *u*. The last column shows who likes to be the last: half of all *y* and a third of all *a* end a
# name, and hardly any *u*. The last row shows how names begin. Much of the table is white, since many pairs never
# occur. This table is a model already, a *bigram* model, which remembers nothing but the newest token.
#
# ### A mark to beat
#
# What would such models pay? As in step 03, the price of an answer is $-\ln p$, and here is its mean over all targets:
# for a model that knows nothing, for one that knows only how frequent each token is, and for the bigram table.
# **Predict first:** the first is $\ln 27 = 3.2958$. How far down does one letter of context get you?

# %%
nothing = math.log(tokenizer.vocab_size)
frequencies = -sum(count * math.log(count / total) for count in counts if count) / total
bigrams = -sum(count * math.log(count / sum(row)) for row in pairs for count in row if count) / total

drawn = pictures.figure(8, 2.4)
axes = drawn.subplots()
losses = {"knows nothing": nothing, "frequencies": frequencies, "bigrams": bigrams}
bars = axes.barh(list(losses), list(losses.values()), color=pictures.COLOURS[0])
axes.bar_label(bars, [f"{loss:.4f}" for loss in losses.values()], padding=4)
axes.set(xlabel="mean loss", xlim=(0, 3.8))
axes.invert_yaxis()
pictures.show(
    drawn,
    "05_tokenizer_losses",
    alt=f"Mean loss of three simple models on the names: knows nothing {nothing:.4f}, frequencies {frequencies:.4f}, "
    f"bigrams {bigrams:.4f}.",
)

# %% [markdown]
# Remember the last one. It takes no network to get there, only counting. Your GPT sees more than the newest token, and
# when you have trained it in step 09, its loss on these names should be lower.
