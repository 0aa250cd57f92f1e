"""Step 07, PyTorch track: what attention looks at, in a trained model and in a fresh one.

`python exercises/07_attention/explore_torch.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`attention_torch` and the modules before it.
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
# it? By sending a message. Choose $W_v$ such that position $s$ hands over a 1 and all other positions hand over a 0,
# and the identity for $W_o$: then what arrives at position $t$ is $\sum_s a_{ts} v_s$ with a single 1 among the $v_s$,
# which is the weight $a_{ts}$. Scores depend on $W_q$ and $W_k$ only, so the weights are those of the real model.
#
# Such a $W_v$ exists as long as there are no more positions than numbers. With the vectors of the positions as the
# rows of $X$, each of its rows has to be a $w$ with $X w = (0, \dots, 1, \dots, 0)$, and these are the columns of the
# *pseudoinverse*, `torch.linalg.pinv`.

# %%
import pictures
import torch
from attention_torch import attention
from embedding_torch import embed, init_state
from layers_torch import rmsnorm
from tokenizer_torch import Tokenizer, load_docs

torch.set_num_threads(1)

chars, numbers = pictures.trained()
trained = {name: torch.tensor(matrix, dtype=torch.float64) for name, matrix in numbers.items()}
fresh = init_state(len(chars) + 1, generator=torch.Generator().manual_seed(42))
fresh = {name: matrix.detach().double() for name, matrix in fresh.items()}
tokenizer = Tokenizer(chars)


def read_weights(x, wq, wk, n_head=4):
    """The attention weights (H, T, T) for the vectors x (T, C), by one message from each position."""
    senders = torch.linalg.pinv(x).T  # (T, C): x @ senders.T is the identity
    wo = torch.eye(x.shape[1], dtype=x.dtype)
    arrived = [attention(x[None], wq, wk, sender.expand_as(wo), wo, n_head)[0] for sender in senders]  # (T, C) each
    first = x.shape[1] // n_head  # every number of a head tells the same; take its first
    return torch.stack(arrived, dim=-1)[:, ::first].transpose(0, 1)  # (T, H, T) -> (H, T, T)


def look(state, name):
    """weights[head, t, s]: how much position t of the name, BOS in front, looks at position s."""
    x = rmsnorm(embed(state, tokenizer.encode(name)[None, :-1]))[0]
    return read_weights(x, state["layer0.attn_wq"], state["layer0.attn_wk"])


# %% [markdown]
# ### Four heads read a name
#
# A trained model reads "charlotte". Each row is a position that asks, each column a position that is asked; the number
# in the cell is the weight, in per cent. All ten rows were computed at once, so here the later letters *are* there when
# an earlier one asks. Predict first: what stands above the diagonal, and what do the rows add up to?


# %%
def panels(tables, titles, labels, height):
    """One heat map per table, two in a row."""
    fig = pictures.figure(7.5, height)
    grid = fig.subplots((len(tables) + 1) // 2, 2, squeeze=False)
    for axes, table, title in zip([axes for row in grid for axes in row], tables, titles, strict=True):
        percent = (100 * table).round().abs().tolist()  # abs: rounding may leave a minus before the 0
        pictures.heatmap(axes, percent, labels, labels, high=100, form=".0f")
        axes.set_title(title, fontsize=11)
        axes.set_xlabel("is asked")
        axes.set_ylabel("asks")
    return fig


name = "charlotte"
labels = ["BOS", *name]
heads = look(trained, name)
fig = panels(heads, [f"head {head}" for head in range(4)], labels, 7.6)
pictures.show(
    fig,
    "07_attention_heads_torch",
    alt="Four tables of attention weights, in per cent, of a trained model that reads charlotte: zeros above the "
    f"diagonal, and below it much weight in few cells. In head 3 the a gives {100 * heads[3, 3, 2]:.0f} to the h.",
)

above = torch.ones(10, 10).triu(1).bool()
print(f"largest weight above the diagonal: {heads[:, above].abs().max():.0e}")
print(f"row sums: from {heads.sum(-1).min():.6f} to {heads.sum(-1).max():.6f}")

# %% [markdown]
# Above the diagonal everything is 0. (What the print shows is rounding, from the pseudoinverse.) The mask has hidden
# the future, and the rows add up to 1 without it.
#
# ### The same before training
#
# Predict first: in a fresh model all numbers are small, so the scores are small, so softmax is nearly ... what?

# %%
before = look(fresh, name)
fig = panels([before[3], heads[3]], ["head 3, fresh", "head 3, trained"], labels, 4.1)
pictures.show(
    fig,
    "07_fresh_or_trained_torch",
    alt="Head 3 before and after training, in per cent. Fresh: each row is nearly even, the last one from "
    f"{100 * before[3, -1].min():.0f} to {100 * before[3, -1].max():.0f}. Trained: most rows prefer one or two cells.",
)

# %% [markdown]
# A fresh position asks everybody alike: with $t$ positions, about $1/t$ for each, and $1/10$ in the last row. Attention
# begins as a plain average, and learns to choose.
#
# ### Who looks at whom?
#
# One name may be an accident, but the list has 1,628. Every letter from the second on asks, and its weight is added up
# by what it is given to: itself, the last consonant before it, the last vowel before it, BOS, or anything else. Vowels
# (a, e, i, o, u) and consonants ask separately. Which head treats the two most differently?

# %%
names = load_docs(pictures.HERE / "data" / "names.txt")
kinds = ["itself", "last consonant before", "last vowel before", "BOS", "the rest"]
shares = torch.zeros(4, 2, len(kinds), dtype=torch.float64)  # head, consonant or vowel asks, kind
asked = torch.zeros(2, dtype=torch.float64)
for name in names:
    weights = look(trained, name)
    vowel = [False] + [char in "aeiou" for char in name]  # by position; position 0 is BOS
    for t in range(2, len(name) + 1):
        row = weights[:, t]  # (4, T)
        parts = [row[:, t]]
        for kind in (False, True):
            before = [s for s in range(1, t) if vowel[s] == kind]
            parts.append(row[:, before[-1]] if before else torch.zeros(4, dtype=torch.float64))
        parts.append(row[:, 0])
        shares[:, int(vowel[t])] += torch.stack([*parts, 1 - sum(parts)], dim=-1)
        asked[int(vowel[t])] += 1
shares = shares / asked[:, None]

fig = pictures.figure(7.5, 4.4)
axes = fig.subplots()
rows = [(head, kind) for head in range(4) for kind in (1, 0)]
left = [0.0] * len(rows)
colours = [pictures.COLOURS[i] for i in (5, 1, 2, 4)] + ["#dddddd"]
hatches = ["", "//", "\\\\", "..", ""]
for i, kind in enumerate(kinds):
    sizes = [shares[head, asks, i].item() for head, asks in rows]
    axes.barh(range(len(rows)), sizes, left=left, color=colours[i], hatch=hatches[i], edgecolor="white", label=kind)
    for y, (size, start) in enumerate(zip(sizes, left, strict=True)):
        if size >= 0.06:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            axes.text(start + size / 2, y, f"{100 * size:.0f}", ha="center", va="center", fontsize=9, bbox=box)
    left = [start + size for start, size in zip(left, sizes, strict=True)]
axes.set_yticks(range(len(rows)), [f"head {head}: a {'vowel' if kind else 'consonant'}" for head, kind in rows])
axes.invert_yaxis()
axes.set_xlim(0, 1)
axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
axes.spines[["top", "right"]].set_visible(False)
fig.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=5, frameon=False, fontsize=9)
pictures.show(
    fig,
    "07_who_looks_at_whom_torch",
    alt="Bars of 100 per cent for each head, vowels and consonants apart. In head 3 a vowel gives "
    f"{100 * shares[3, 1, 1]:.0f} per cent to the last consonant, a consonant only {100 * shares[3, 0, 1]:.0f}, but "
    f"{100 * shares[3, 0, 3]:.0f} to BOS. In head 1 a consonant gives {100 * shares[1, 0, 2]:.0f} to the last vowel.",
)

# %% [markdown]
# Head 3: a vowel looks at the last consonant, a consonant looks far back, often to BOS. Head 1: everyone looks at the
# last letter of the other kind, which most often is the letter before. Heads 0 and 2 have no such plain habits. Nobody
# asked for a division of labour, and nothing in your code tells the heads apart; they began with different numbers.
#
# ### Why divide by the root?
#
# The lesson says that without the division softmax makes up its mind from the start. Try it with random numbers: 8
# positions of $C$ numbers, random $W_q$ and $W_k$, and one head, so that $d = C$; all queries and keys have a spread
# of 1. To undo the division inside your `attention`, multiply $W_q$ by $\sqrt d$. The mean of 50 draws is shown, for
# the last position. Predict first: with 8 equal weights the largest is $1/8$; what is it for $d = 256$?

# %%
generator = torch.Generator().manual_seed(7)
widths = [8, 16, 32, 64, 128, 256]
largest = {"divided": [], "undivided": []}
for d in widths:
    found = {"divided": [], "undivided": []}
    for _ in range(50):
        x = torch.randn(8, d, generator=generator, dtype=torch.float64)
        wq, wk = torch.randn(2, d, d, generator=generator, dtype=torch.float64) / d**0.5
        for kind, factor in (("divided", 1), ("undivided", d**0.5)):
            found[kind].append(read_weights(x, factor * wq, wk, n_head=1)[0, -1].max().item())
    for kind, values in found.items():
        largest[kind].append(sum(values) / len(values))

fig = pictures.figure(7, 3.6)
axes = fig.subplots()
axes.plot(widths, largest["undivided"], "^--", color=pictures.COLOURS[1], label="not divided")
axes.plot(widths, largest["divided"], "o-", color=pictures.COLOURS[0], label="divided by the root of d")
axes.axhline(1 / 8, color=pictures.COLOURS[6], linestyle=":", label="1/8: all alike")
axes.set_xscale("log", base=2)
axes.set_xticks(widths, widths)
axes.set_xlabel("d, the width of the head")
axes.set_ylabel("largest of 8 weights, mean of 50")
axes.set_ylim(0, 1)
axes.legend(frameon=False, loc=(0.6, 0.52))
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "07_root_torch",
    alt="The largest of 8 attention weights for random vectors of 8 to 256 numbers. Divided by the root of d it stays "
    f"near {sum(largest['divided']) / len(widths):.2f}; not divided it climbs from {largest['undivided'][0]:.2f} to "
    f"{largest['undivided'][-1]:.2f}.",
)

# %% [markdown]
# With the division the width of the head does not matter. Without it, a wide head has eyes for one position only,
# before it has learned anything, and where softmax has settled its gradients are nearly 0. Our heads have four numbers
# each, where the division does little: one more reason why a training run does not show that it is missing.
