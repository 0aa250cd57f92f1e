"""Step 07, pure track: what attention looks at, in a trained model and in a fresh one.

`python exercises/07_attention/explore.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`attention` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: what attention looks at
#
# Your `attention` returns an average and keeps the weights to itself. How can they be read without changing a line of
# it? By a derivative. With the identity for $W_o$, the first number of head $h$ is $\sum_s a_s v_s$, where $v_s$ is a
# number of the value at position $s$. Its derivative by $v_s$ is the weight $a_s$, and the values are in the list that
# you handed over. So your own `backward` writes each weight into a `grad`.

# %%
import random
import statistics

import pictures
from attention import attention
from backward import backward
from embedding import embed, init_state
from layers import rmsnorm
from tokenizer import Tokenizer, load_docs
from value import Value

chars, numbers = pictures.trained()
trained = {name: [[Value(number) for number in row] for row in matrix] for name, matrix in numbers.items()}
fresh = init_state(len(chars) + 1, rng=random.Random(42))
tokenizer = Tokenizer(chars)


def diagonal(size, number=1.0):
    return [[Value(number if i == j else 0.0) for j in range(size)] for i in range(size)]


def read_weights(out, values, n_head=4):
    """For each head the weights of all positions so far; `out` was computed with the identity for wo."""
    d = len(out) // n_head
    weights = []
    for head in range(n_head):
        backward(out[head * d])
        weights.append([value[head * d].grad for value in values])
    return weights


def look(state, name):
    """table[head][t][s]: how much position t of the name, BOS in front, looks at position s."""
    wq, wk, wv = (state[f"layer0.attn_{matrix}"] for matrix in ("wq", "wk", "wv"))
    wo = diagonal(len(wq))
    keys, values, table = [], [], []
    for position, token in enumerate(tokenizer.encode(name)[:-1]):
        x = rmsnorm(embed(state, token, position))
        out = attention(x, keys, values, wq, wk, wv, wo)
        table.append(read_weights(out, values))
    return [[row[head] for row in table] for head in range(4)]


# %% [markdown]
# ### Four heads read a name
#
# A trained model reads "olivia". Each row is a position that asks, each column a position that is asked; the number in
# the cell is the weight, and each row adds up to 1. Cells above the diagonal are empty, because a later letter does not
# exist yet when an earlier one asks: that is what *causal* means.
#
# Predict first: what does the top left cell say, in each head? Then look at the rows of the vowels *i*, *i* and *a* in
# head 3. What have the letters in common that they look at?


# %%
def panels(tables, titles, labels, height):
    """One heat map per table, two in a row."""
    fig = pictures.figure(7.5, height)
    grid = fig.subplots((len(tables) + 1) // 2, 2, squeeze=False)
    for axes, table, title in zip([axes for row in grid for axes in row], tables, titles, strict=True):
        cells = [row + [None] * (len(labels) - len(row)) for row in table]
        pictures.heatmap(axes, cells, labels, labels, form=".2f")
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("is asked")
        axes.set_ylabel("asks")
    return fig


name = "olivia"
labels = ["BOS", *name]
heads = look(trained, name)
fig = panels(heads, [f"head {head}" for head in range(4)], labels, 7.6)
pictures.show(
    fig,
    "07_attention_heads",
    alt="Four triangular tables: the attention weights of the heads of a trained model that reads olivia. In head 3 "
    f"the first i gives {heads[3][3][2]:.2f} to the l before it, and the second i and the a give "
    f"{heads[3][5][4]:.2f} and {heads[3][6][4]:.2f} to the v. The other heads share out more.",
)

for head, table in enumerate(heads):
    print(f"head {head}: the rows add up to", " ".join(f"{sum(row):.4f}" for row in table))

# %% [markdown]
# The first row is 1 in every head: BOS has nothing to look at but itself. In head 3 each of the three vowels looks at
# the last consonant before it, and at hardly anything else, while *v* looks back to the beginning. The heads do
# different things, although nothing in your code tells them apart: they began with different random numbers.
#
# ### The same before training
#
# Predict first: in a fresh model all numbers are small, so the scores are small, so softmax is nearly ... what? What
# will the last row say?

# %%
fig = panels([look(fresh, name)[1], heads[1]], ["head 1, fresh", "head 1, trained"], labels, 4.1)
last = look(fresh, name)[1][-1]
pictures.show(
    fig,
    "07_fresh_or_trained",
    alt="Head 1 before and after training. Fresh: each row is nearly even, the last one from "
    f"{min(last):.2f} to {max(last):.2f}. Trained: most rows have one cell with much of the weight.",
)

# %% [markdown]
# A fresh position asks everybody alike: with $t$ positions, about $1/t$ for each, and here $1/7 = 0.14$. Attention
# begins as a plain average, and learns to choose.
#
# ### One name, or all names?
#
# One name may be an accident. Take 25 names of six letters from all over the list, and average what their last letter
# looks at, by how far back it is. An even average would give $1/7$ to everything. Then test the suspicion about head 3
# on all letters of the 25 names: how much do vowels give to the last consonant before them?

# %%
six = [name for name in load_docs(pictures.HERE / "data" / "names.txt") if len(name) == 6]
names = six[::16]
tables = [look(trained, name) for name in names]
means = [[statistics.fmean(table[head][6][6 - back] for table in tables) for back in range(7)] for head in range(4)]

fig = pictures.figure(7, 3.8)
axes = fig.subplots()
for head, (row, marker, style) in enumerate(zip(means, "os^D", ("-", "--", "-.", ":"), strict=True)):
    axes.plot(row, style, marker=marker, color=pictures.COLOURS[head], label=f"head {head}")
axes.axhline(1 / 7, color=pictures.COLOURS[6], linewidth=0.8, label="1/7")
axes.set_xticks(range(7), ["itself", "1", "2", "3", "4", "5", "6: BOS"])
axes.set_xlabel("letters back from the last letter of a six-letter name")
axes.set_ylabel("mean weight")
axes.set_ylim(0, 1.25 * max(max(row) for row in means))
axes.legend(frameon=False, ncols=5, loc="upper center")
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "07_how_far_back",
    alt=f"Mean weight by distance for four heads over {len(names)} names. To the letter before the last head 1 gives "
    f"{means[1][1]:.2f}, the others {means[0][1]:.2f}, {means[2][1]:.2f} and {means[3][1]:.2f}; an even share is 0.14.",
)

vowels = "aeiou"
to_last = {"vowel": [[], [], [], []], "consonant": [[], [], [], []]}
for name, table in zip(names, tables, strict=True):
    for t in range(2, 7):  # position t holds letter t - 1 of the name
        earlier = [s for s in range(1, t) if name[s - 1] not in vowels]
        for head in range(4) if earlier else ():
            to_last["vowel" if name[t - 1] in vowels else "consonant"][head].append(table[head][t][earlier[-1]])
print("mean weight on the last consonant before    head 0  head 1  head 2  head 3")
for kind, weights in to_last.items():
    print(f"{'if a ' + kind + ' asks':40}" + "".join(f"{statistics.fmean(row):8.2f}" for row in weights))

# %% [markdown]
# The suspicion is confirmed: in head 3 a vowel gives 0.63 of its weight to the last consonant before it, a consonant
# only 0.21. And head 1 looks one letter back, with 0.54 from the last letter. Nobody asked for either habit.
#
# ### Why divide by the root?
#
# The lesson says that without the division softmax makes up its mind from the start. Try it with random numbers of
# spread 1: a query and seven keys of $d$ numbers each, and one head. The seven keys are put into the cache beforehand,
# and $W_k = 0$ gives the newest position a key of zeros, so that there are eight positions. $W_q$ is the identity, or
# the identity times $\sqrt d$, which undoes the division inside your `attention`.
#
# Predict first: if eight positions share the weight evenly, the largest weight is $1/8$. What will it be for $d = 64$,
# with the division and without?


# %%
def largest_weight(x, cached, factor):
    """The largest of the weights that the query factor * x gives to the cached keys and to a key of zeros."""
    d = len(x)
    keys = [list(key) for key in cached]
    values = [[Value(0) for _ in range(d)] for _ in cached]
    out = attention(x, keys, values, diagonal(d, factor), diagonal(d, 0), diagonal(d, 0), diagonal(d), n_head=1)
    return max(read_weights(out, values, n_head=1)[0])


rng = random.Random(7)
widths = [1, 2, 4, 8, 16, 32, 64]
divided, undivided = [], []
for d in widths:
    pairs = []
    for _ in range(10):
        x, *cached = [[Value(rng.gauss(0, 1)) for _ in range(d)] for _ in range(8)]
        pairs.append((largest_weight(x, cached, 1), largest_weight(x, cached, d**0.5)))
    divided.append(statistics.fmean(pair[0] for pair in pairs))
    undivided.append(statistics.fmean(pair[1] for pair in pairs))

fig = pictures.figure(7, 3.6)
axes = fig.subplots()
axes.plot(widths, undivided, "^--", color=pictures.COLOURS[1], label="not divided")
axes.plot(widths, divided, "o-", color=pictures.COLOURS[0], label="divided by the root of d")
axes.axhline(1 / 8, color=pictures.COLOURS[6], linestyle=":", label="1/8: all alike")
axes.set_xscale("log", base=2)
axes.set_xticks(widths, widths)
axes.set_xlabel("d, the width of the head")
axes.set_ylabel("largest of 8 weights, mean of 10")
axes.set_ylim(0, 1)
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "07_root",
    alt="The largest of 8 attention weights for random vectors of 1 to 64 numbers. Divided by the root of d it stays "
    f"near {statistics.fmean(divided):.1f} at every width; not divided it climbs to {undivided[-1]:.2f} at 64.",
)

print("d            " + "".join(f"{d:6}" for d in widths))
print("divided      " + "".join(f"{weight:6.2f}" for weight in divided))
print("not divided  " + "".join(f"{weight:6.2f}" for weight in undivided))

# %% [markdown]
# With the division the width of the head does not matter. Without it, a wide head has eyes for one position only,
# before it has learned anything, and where softmax has settled its gradients are nearly 0. The heads of our model have
# four numbers each, where the division does little: one more reason why a training run does not show that it is
# missing.
