"""Step 08, pure track: how large the graph grows, and what the model thinks of names.

`python exercises/08_gpt/explore.py` saves the pictures in my_gpt/pictures. All numbers come from your own `gpt` and the
modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: the graph of a name, and its next letter
#
# Your `gpt` with two sets of numbers: a fresh state, and that of a model that was trained for 1,000 steps of 16 names
# each. The course lends it to you until you train your own, in the next step.

# %%
import math
import random

import pictures
from attention import attention
from embedding import init_state
from gpt import gpt, mlp
from layers import linear
from softmax import cross_entropy, softmax
from tokenizer import Tokenizer
from value import Value

chars, numbers = pictures.trained()
trained = {name: [[Value(number) for number in row] for row in matrix] for name, matrix in numbers.items()}
fresh = init_state(len(chars) + 1, rng=random.Random(42))
tokenizer = Tokenizer(chars)
labels = [*chars, "end"]  # as a prediction, BOS means that the name ends here

# %% [markdown]
# ### How many nodes does a token make?
#
# Feed 16 tokens, one for each position, and after each count the Values that operations have added to the graph: walk
# down from the logits through `_children`, and stop at what was there before. The same for parts of the model alone:
# `attention` with a growing cache, `mlp`, and `linear` for `lm_head`. What remains is embedding, norms and sums.
#
# Predict first: which part makes most of the nodes? And which of them makes more at position 15 than at position 0?


# %%
def new_nodes(outputs, seen):
    """How many Values were made by operations since `seen` was last brought up to date, which is done here."""
    stack, count = list(outputs), 0
    while stack:
        node = stack.pop()
        if node not in seen and node._children:
            seen.add(node)
            count += 1
            stack.extend(node._children)
    return count


vector = [Value(0.1 * i) for i in range(16)]
matrices = [fresh[f"layer0.attn_{name}"] for name in ("wq", "wk", "wv", "wo")]
fc1, fc2 = fresh["layer0.mlp_fc1"], fresh["layer0.mlp_fc2"]
keys, values, whole = [[]], [[]], set()
own_keys, own_values, part = [], [], set()
nodes = {"mlp": [], "attention": [], "lm_head": [], "the rest": []}
for position, token in enumerate(random.Random(1).choices(range(26), k=16)):
    total = new_nodes(gpt(fresh, token, position, keys, values), whole)
    nodes["mlp"].append(new_nodes(mlp(vector, fc1, fc2), set()))
    nodes["attention"].append(new_nodes(attention(vector, own_keys, own_values, *matrices), part))
    nodes["lm_head"].append(new_nodes(linear(vector, fresh["lm_head"]), set()))
    nodes["the rest"].append(total - sum(nodes[name][-1] for name in ("mlp", "attention", "lm_head")))
totals = [sum(column) for column in zip(*nodes.values(), strict=True)]

fig = pictures.figure(7.5, 4.4)
axes = fig.subplots()
bottom = [0] * 16
for (name, counts), colour, hatch in zip(nodes.items(), (5, 1, 2, 6), ("", "//", "..", ""), strict=True):
    axes.bar(
        range(16), counts, bottom=bottom, color=pictures.COLOURS[colour], hatch=hatch, edgecolor="white", label=name
    )
    bottom = [b + c for b, c in zip(bottom, counts, strict=True)]
for position, total in enumerate(totals):
    axes.text(position, total + 100, f"{total:,}", ha="center", va="bottom", fontsize=9, rotation=90)
axes.set_xticks(range(16))
axes.set_xlabel("position")
axes.set_ylabel("new nodes")
axes.set_ylim(0, 1.2 * max(totals))
axes.spines[["top", "right"]].set_visible(False)
fig.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=4, frameon=False)
pictures.show(
    fig,
    "08_graph_size",
    alt=f"New nodes of the graph by position, stacked by part: {totals[0]:,} at position 0, {totals[15]:,} at 15. "
    f"mlp makes {nodes['mlp'][0]:,} at every position; attention grows from {nodes['attention'][0]:,} to "
    f"{nodes['attention'][15]:,}.",
)

slope = (nodes["attention"][15] - nodes["attention"][0]) / 15
print(f"{'':10} position 0  position 15")
for name, counts in {**nodes, "all": totals}.items():
    print(f"{name:10} {counts[0]:10,} {counts[15]:12,}")
print(f"attention grows by {slope:.0f} nodes a position; a name of six letters makes {sum(totals[:7]):,} nodes in all")

# %% [markdown]
# Everything but attention costs the same at each position, since it knows of one position only. Attention has one more
# score, one more weight and one more term of each average for every position that it can look back to. With 16
# positions it stays below the MLP all the same. When does attention alone make as many nodes as all the rest? Divide
# what it lacks at position 0 by its growth:

# %%
rest = totals[0] - nodes["attention"][0]
print(f"attention makes as many nodes as the rest at position {(rest - nodes['attention'][0]) / slope:.0f} or so")

# %% [markdown]
# ### Which letter comes next?
#
# The trained model reads "emma" letter by letter. Each panel shows its five best guesses after what is written above
# it; "end" is BOS, the end of the name. The letter that follows in "emma" has a hatched bar and an arrow.
# Predict first: what would *you* bet on after "e", "em", "emm"?


# %%
def read(state, name):
    """The logits after BOS and after each letter of the name, and the ids of the tokens that follow."""
    ids = tokenizer.encode(name)
    keys, values = [[]], [[]]
    return [gpt(state, token, position, keys, values) for position, token in enumerate(ids[:-1])], ids[1:]


def guesses(name):
    """One panel for each prefix of the name."""
    rows, targets = read(trained, name)
    fig = pictures.figure(7.5, 2.9)
    for t, (axes, logits, target) in enumerate(
        zip(fig.subplots(1, len(rows), sharex=True), rows, targets, strict=True)
    ):
        chances = [p.data for p in softmax(logits)]
        best = sorted(range(len(chances)), key=lambda i: -chances[i])[:5]
        for y, i in enumerate(best):
            right = i == target
            axes.barh(
                y,
                chances[i],
                color=pictures.COLOURS[1 if right else 5],
                hatch="///" if right else "",
                edgecolor="white",
            )
            axes.text(
                chances[i] + 0.02, y, f"{100 * chances[i]:.0f}" + (" ◀" if right else ""), va="center", fontsize=9
            )
        axes.set_yticks(range(5), [labels[i] for i in best])
        axes.invert_yaxis()
        axes.set_title(name[:t] or "(start)", fontsize=11)
        axes.set_xlim(0, 0.62)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    return fig, rows, targets


fig, rows, targets = guesses("emma")
chances = [softmax(logits)[target].data for logits, target in zip(rows, targets, strict=True)]
fig.supxlabel("probability of the next letter, in per cent", fontsize=10)
pictures.show(
    fig,
    "08_guesses",
    alt="The five best guesses for the next letter at each place of emma. The right one has the probabilities "
    f"{', '.join(f'{100 * p:.0f}' for p in chances)} per cent, from the first e to the end.",
)

# %% [markdown]
# After nothing at all the model is careful: names begin with many letters. After "em" it would rather say *i* (emil,
# emily) than *m*. After "emm" a vowel is due and nothing else, and it finds the *a*. Nothing of this is a rule in your
# code; it is in the 4,192 numbers.
#
# ### Is this a name?
#
# The loss of each letter is $-\ln$ of the probability that the model gave it, your `cross_entropy`: it measures the
# model's surprise. Compare "marian" with "nairam", the same letters from back to front. The line is $\ln 27$, the
# surprise of somebody who knows nothing at all. Predict first: at which letters is the model more surprised than that?

# %%
fig = pictures.figure(7.5, 3.6)
surprise = {}
for axes, name, colour in zip(fig.subplots(1, 2, sharey=True), ("marian", "nairam"), (0, 1), strict=True):
    rows, targets = read(trained, name)
    losses = [cross_entropy(logits, target).data for logits, target in zip(rows, targets, strict=True)]
    surprise[name] = losses
    axes.bar(
        range(len(losses)),
        losses,
        color=pictures.COLOURS[colour],
        hatch="" if name == "marian" else "//",
        edgecolor="white",
    )
    for place, loss in enumerate(losses):
        axes.text(place, loss + 0.08, f"{loss:.2f}", ha="center", fontsize=9)
    axes.axhline(math.log(27), color=pictures.COLOURS[6], linestyle="--", linewidth=1, zorder=0)
    axes.set_xticks(range(len(losses)), [*name, "end"])
    axes.set_title(f"{name}: mean {sum(losses) / len(losses):.2f}", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
axes.text(3.5, math.log(27) + 0.1, "ln 27", ha="left", fontsize=10, color=pictures.COLOURS[6])
fig.axes[0].set_ylabel("loss of the letter")
fig.axes[0].set_ylim(0, 5.6)
means = {name: sum(losses) / len(losses) for name, losses in surprise.items()}
pictures.show(
    fig,
    "08_surprise",
    alt="Loss of each letter of marian and of nairam, and ln 27 = 3.30 as a line. All letters of marian lie below it, "
    f"mean {means['marian']:.2f}; of nairam n and m lie above it, mean {means['nairam']:.2f}.",
)

print("mean loss    trained   fresh")
for name in ("marian", "nairam", "emma", "amme", "olivia", "xqzwk"):
    mean = []
    for state in (trained, fresh):
        rows, targets = read(state, name)
        mean.append(
            sum(cross_entropy(logits, target).data for logits, target in zip(rows, targets, strict=True)) / len(rows)
        )
    print(f"{name:10} {mean[0]:9.2f} {mean[1]:7.2f}")

# %% [markdown]
# The letters are the same, only their order is odd, and the model notices, most of all at the last *m*. For the fresh
# model every name is about as odd as every other, near $\ln 27 = 3.30$. A loss far above that, as for "xqzwk", takes
# training: only who has learned something can be so wrong.
