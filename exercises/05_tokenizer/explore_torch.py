"""Step 05, PyTorch track: batches, seen. `python exercises/05_tokenizer/explore_torch.py` saves the pictures.

Run it when `tokenizer_torch.py` passes its tests: the batches come from your own `make_batch`, the names from
`exercises/data/names.txt`. The pictures are saved as `my_gpt/pictures/05_tokenizer_*_torch.png`, beneath the folder
where you start it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: four names in a rectangle
#
# This is what your `make_batch` makes of four names, with "." for BOS. Hatched cells are padding. **Predict first:**
# "alexander" is the longest. How many columns are there, and how many places in the whole table count?

# %%
import math

import pictures
import torch
from softmax_torch import cross_entropy
from tokenizer_torch import Tokenizer, load_docs, make_batch

docs = load_docs(pictures.HERE / "data" / "names.txt")
tokenizer = Tokenizer(docs)
marks = [*tokenizer.chars, "."]  # how each id is shown; a target of -1 has no mark


def grid(axes, ids, kept, fill, title):
    """A table of ids as cells, hatched where they do not count."""
    for b, row in enumerate(ids.tolist()):
        for t, token in enumerate(row):
            colour, hatch = (fill, None) if kept[b, t] else ("#f3f4f6", "///")
            corners = [t, t + 1, t + 1, t], [b, b, b + 1, b + 1]
            axes.fill(*corners, facecolor=colour, hatch=hatch, edgecolor="#9aa2ab", linewidth=0)
            ground = {"facecolor": colour, "edgecolor": "none", "pad": 1}
            if token >= 0:
                axes.text(t + 0.5, b + 0.36, marks[token], ha="center", va="center", size=14, bbox=ground)
            written = f"{token}".replace("-", "\N{MINUS SIGN}")
            axes.text(t + 0.5, b + 0.76, written, ha="center", va="center", size=9, bbox=ground)
    axes.set_xticks([t + 0.5 for t in range(ids.shape[1])], range(ids.shape[1]))
    axes.set_xticks(range(ids.shape[1]), minor=True)
    axes.set_yticks(range(ids.shape[0]), minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.set(xlim=(0, ids.shape[1]), ylim=(ids.shape[0], 0), title=title, xlabel="position")


names = ["emma", "alexander", "mia", "olivia"]
inputs, targets = make_batch(names, tokenizer)
kept = targets != -1
drawn = pictures.figure(10.5, 3.4)
left, right = drawn.subplots(1, 2)
grid(left, inputs, kept, "#dcebf7", f"inputs {tuple(inputs.shape)}")
grid(right, targets, kept, "#fbe3d2", f"targets {tuple(targets.shape)}")
left.set_yticks([b + 0.5 for b in range(len(names))], names)
right.set_yticks([])
pictures.show(
    drawn,
    "05_tokenizer_batch_torch",
    alt=f"Inputs and targets of {', '.join(names)}, both of shape {tuple(inputs.shape)}. {kept.sum()} of "
    f"{kept.numel()} places count. The others are hatched: BOS in the inputs, -1 in the targets.",
)

# %% [markdown]
# The longest name has nine letters, so there are ten columns, and $5 + 10 + 4 + 7 = 26$ places count of 40. Where the
# input is a hatched "." the target is $-1$; the first "." of each row and the last one of each row of targets are not
# hatched, since they are tokens like any other.
#
# ### The price of the rectangle
#
# A batch is as wide as its longest name, so with more names it gets wider, and the short ones are padded more. Here are
# all the names of the file in batches of 1, 2, 4 and so on up to 512, once in the order of the file and once sorted by
# length. **Predict first:** with 32 names in a batch, which part of all places is padding?

# %%
sizes = [2**k for k in range(10)]


def padding(docs, size):
    """Which part of all places is padding, in batches of `size`."""
    batches = [make_batch(docs[i : i + size], tokenizer)[1] for i in range(0, len(docs), size)]
    return sum((batch == -1).sum().item() for batch in batches) / sum(batch.numel() for batch in batches)


usual = [padding(docs, size) for size in sizes]
by_length = [padding(sorted(docs, key=len), size) for size in sizes]
drawn = pictures.figure(8, 4)
axes = drawn.subplots()
axes.plot(sizes, [100 * part for part in usual], "o-", color=pictures.COLOURS[1], label="in the order of the file")
axes.plot(sizes, [100 * part for part in by_length], "s--", color=pictures.COLOURS[0], label="sorted by length")
axes.set_xscale("log", base=2)
axes.set_xticks(sizes, sizes)
axes.set(xlabel="names in a batch", ylabel="percent of places that are padding", ylim=(0, 50))
axes.grid(alpha=0.3)
axes.legend(loc="upper left")
pictures.show(
    drawn,
    "05_tokenizer_padding_torch",
    alt="Percent of padding against the size of the batch. In the order of the file it rises from "
    f"{100 * usual[0]:.0f} to {100 * usual[5]:.0f} for 32 names and {100 * usual[-1]:.0f} for 512; sorted by length it "
    f"stays at {100 * by_length[5]:.0f} for 32 names.",
)

# %% [markdown]
# About a third, and all of it is calculated for nothing. Sorting avoids it, but then nearly every batch has names of
# one length only, which is not a fair sample; large trainings sort roughly and shuffle the batches. Our course takes
# the names as they come.
#
# ### All names in one batch
#
# With all the names in one batch, counting which token follows which is one line of indexing. Each row of the picture
# is one input, and says which part of its answers was which token. **Predict first:** which row has nearly all its
# colour in one cell, and which column tells how names end?

# %%
inputs, targets = make_batch(docs, tokenizer)
kept = targets != -1
ones = torch.ones(int(kept.sum()))
pairs = torch.zeros(tokenizer.vocab_size, tokenizer.vocab_size)
pairs.index_put_((inputs[kept], targets[kept]), ones, accumulate=True)  # [input, target]
shares = pairs / pairs.sum(dim=1, keepdim=True)

drawn = pictures.figure(9, 8)
axes = drawn.subplots()
image = pictures.heatmap(axes, shares.tolist(), marks, marks, 0, 0.6)
axes.set(xlabel="target, the next token", ylabel="input, the newest token")
axes.tick_params(top=True, labeltop=True)
axes.set_xticks([x + 0.5 for x in range(26)], minor=True)
axes.set_yticks([y + 0.5 for y in range(26)], minor=True)
axes.grid(which="minor", color="#dddddd", linewidth=0.6)
axes.tick_params(which="minor", length=0)
drawn.colorbar(image, shrink=0.7, label="part of the row's answers; 0.6 and more", extend="max")
q, u = marks.index("q"), marks.index("u")
pictures.show(
    drawn,
    "05_tokenizer_bigrams_torch",
    alt=f"A table of 27 by 27: which token follows which, from a batch of shape {tuple(inputs.shape)}. "
    f"{(pairs > 0).sum()} of the {pairs.numel()} pairs occur. After q comes u, with {shares[q, u]:.2f}; after a the "
    f"end, with {shares[0, tokenizer.bos]:.2f}.",
)

# %% [markdown]
# The row of *q*, and the last column. The logarithms of this table can serve as logits: the answer to an input is its
# row. That makes a model without any context but the newest token, a *bigram* model, and your `cross_entropy` says what
# it pays. **Predict first:** if you forget to leave out the padding and count it as "after BOS comes BOS", does the
# loss get better or worse?


# %%
def loss_of_table(pairs, targets):
    """The mean loss of the table as a model, on all the names; -1 is left out."""
    table = (pairs / pairs.sum(dim=1, keepdim=True)).clamp(min=1e-9).log()  # a pair never seen: -20.7, not -inf
    return cross_entropy(table[inputs].flatten(0, 1), targets.flatten()).item()


counted = pairs.clone()
counted[tokenizer.bos, tokenizer.bos] += (~kept).sum()
print(f"knows nothing, ln {tokenizer.vocab_size}:         {math.log(tokenizer.vocab_size):.4f}")
print(f"bigrams:                     {loss_of_table(pairs, targets):.4f}")
print(f"bigrams, padding counted:    {loss_of_table(counted, targets.where(kept, tokenizer.bos)):.4f}")

# %% [markdown]
# It looks much better, and means nothing: nearly half of the answers have become the same easy one. A padded place has
# to be kept out of the loss, out of the gradient and out of the count. The middle number is the one to remember. Your
# GPT sees more than the newest token, and when you have trained it in step 09, it should pay less.
