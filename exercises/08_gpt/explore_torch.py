"""Step 08, PyTorch track: where the parameters are, what the model thinks of names, and what each part is good for.

`python exercises/08_gpt/explore_torch.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`gpt_torch` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: a model, its guesses and its parts
#
# Your `GPT` is a `torch.nn.Module`, so torch's own `load_state_dict` can fill it with numbers. The course lends you
# those of a model after 1,000 steps of 16 names each. Only the names need care: `.` is written `_`.

# %%
import math

import pictures
import torch
from gpt_torch import GPT, gpt
from softmax_torch import cross_entropy, softmax
from tokenizer_torch import Tokenizer, load_docs, make_batch

torch.set_num_threads(1)

chars, numbers = pictures.trained()
tokenizer = Tokenizer(chars)
labels = [*chars, "end"]  # as a prediction, BOS means that the name ends here
trained = {name: torch.tensor(matrix) for name, matrix in numbers.items()}
model = GPT(tokenizer.vocab_size, generator=torch.Generator().manual_seed(42))
print(model.load_state_dict({name.replace(".", "_"): matrix for name, matrix in trained.items()}))

# %% [markdown]
# ### Where are the 4,192 parameters?
#
# `named_parameters()` goes through what you registered. Predict first: which share belongs to the MLP? And if `n_embd`
# were 32 instead of 16, by how much would each bar grow?

# %%
fig = pictures.figure(7.5, 4.4)
axes = fig.subplots()
wide = GPT(tokenizer.vocab_size, n_embd=32, generator=torch.Generator().manual_seed(42))
sizes = {name: p.numel() for name, p in model.named_parameters()}
wider = {name: p.numel() for name, p in wide.named_parameters()}
for shift, counts, colour, hatch in ((-0.2, sizes, 0, ""), (0.2, wider, 4, "//")):
    total = f"n_embd = {16 if counts is sizes else 32}: {sum(counts.values()):,}"
    places = [y + shift for y in range(len(counts))]
    colour = pictures.COLOURS[colour]
    axes.barh(places, counts.values(), height=0.4, color=colour, hatch=hatch, edgecolor="white", label=total)
    for y, count in zip(places, counts.values(), strict=True):
        axes.text(count + 40, y, f"{count:,}", va="center", fontsize=9)
axes.set_yticks(range(len(sizes)), sizes)
axes.invert_yaxis()
axes.set_xlabel("parameters")
axes.set_xlim(0, 4700)
axes.legend(frameon=False, loc="upper right")
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "08_parameters_torch",
    alt=f"Parameters by matrix. With n_embd = 16 there are {sum(sizes.values()):,}, half of them in the two matrices "
    f"of the MLP; with 32 there are {sum(wider.values()):,}: embeddings double, attention and MLP grow fourfold.",
)

# %% [markdown]
# The tables have one side that grows with `n_embd`, the matrices of a layer have two. So the wider a model is, the more
# of it is layers: that is why in large models hardly anybody counts the embeddings.
#
# ### Which letter comes next?
#
# One call gives the guesses at every place of "marian". Each panel shows the five best after what is written above it;
# "end" is BOS, the end of the name. The letter that follows in "marian" has a hatched bar and an arrow.


# %%
@torch.no_grad()
def read(name):
    """The logits (T, V) after BOS and after each letter of the name, and the tokens (T,) that follow."""
    ids = tokenizer.encode(name)
    return model(ids[None, :-1])[0], ids[1:]


name = "marian"
logits, targets = read(name)
chances = softmax(logits)  # (T, V)
fig = pictures.figure(7.5, 5)
grid = [axes for row in fig.subplots(2, 4) for axes in row]
for t, target in enumerate(targets.tolist()):
    axes = grid[t]
    best = chances[t].argsort(descending=True)[:5].tolist()
    for y, i in enumerate(best):
        right, p = i == target, chances[t, i].item()
        colour = pictures.COLOURS[1 if right else 5]
        axes.barh(y, p, color=colour, hatch="///" if right else "", edgecolor="white")
        axes.text(p + 0.02, y, f"{100 * p:.0f}" + (" ◀" if right else ""), va="center", fontsize=9)
    axes.set_yticks(range(5), [labels[i] for i in best])
    axes.invert_yaxis()
    axes.set_title(name[:t] or "(start)", fontsize=11)
    axes.set_xlim(0, 1.15)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
grid[7].set_axis_off()
fig.supxlabel("probability of the next letter, in per cent", fontsize=10)
pictures.show(
    fig,
    "08_guesses_torch",
    alt="The five best guesses for the next letter at each place of marian. The right one has the probabilities "
    f"{', '.join(f'{100 * chances[t, i]:.0f}' for t, i in enumerate(targets.tolist()))} per cent, from m to the end.",
)

print("mean loss of a name, from front to back and from back to front:")
for name in ("marian", "daniel", "charlotte", "isabella"):
    forth, back = (cross_entropy(*read(text)).item() for text in (name, name[::-1]))
    print(f"{name:10} {forth:5.2f}    {name[::-1]:10} {back:5.2f}")

# %% [markdown]
# The letters are the same in both columns, only their order differs, and the model prefers the names. (It has seen
# those in its training, and must judge the reverses by what it has learned about names in general.)
#
# ### Where in a name is the model sure?
#
# Now all names of the list at once, (1628, 12) tokens in one call. Left: for the names of six letters, the mean loss of
# each letter, by its place. Predict first: is the first letter the hardest?
#
# Right: what is each part good for? A branch whose last matrix is all zeros adds nothing to the stream. So the trained
# model is tried with `attn_wo`, with `mlp_fc2`, or with both set to 0. Without attention a position sees its own letter
# only. Predict first: lesson 07 has told that a model *trained* without attention is hardly worse. Will it be so here?


# %%
@torch.no_grad()
def mean_loss(state, names):
    inputs, targets = make_batch(names, tokenizer)
    return cross_entropy(gpt(state, inputs).flatten(0, 1), targets.flatten()).item()


names = load_docs(pictures.HERE / "data" / "names.txt")
six = [name for name in names if len(name) == 6]
inputs, targets = make_batch(six, tokenizer)  # (B, 7): none of them is padded
with torch.no_grad():
    answers = model(inputs)  # (B, 7, V)
by_place = [cross_entropy(answers[:, t], targets[:, t]).item() for t in range(7)]

nothing = {name: torch.zeros_like(matrix) for name, matrix in trained.items()}
wo, fc2 = "layer0.attn_wo", "layer0.mlp_fc2"
without = {
    "the whole\nmodel": trained,
    "no\nattention": {**trained, wo: nothing[wo]},
    "no\nMLP": {**trained, fc2: nothing[fc2]},
    "neither": {**trained, wo: nothing[wo], fc2: nothing[fc2]},
    "position\nunknown": {**trained, "wpe": nothing["wpe"]},
}
losses = {what: mean_loss(state, names) for what, state in without.items()}

fig = pictures.figure(7.5, 3.8)
left, right = fig.subplots(1, 2, sharey=True)
left.bar(range(7), by_place, color=pictures.COLOURS[0])
left.set_xticks(range(7), ["1st", "2nd", "3rd", "4th", "5th", "6th", "end"])
left.set_xlabel("letter of a six-letter name")
left.set_ylabel("mean loss")
right.bar(range(len(losses)), losses.values(), color=pictures.COLOURS[1], hatch="//", edgecolor="white")
right.set_xticks(range(len(losses)), losses, fontsize=9)
right.set_xlabel("the trained model, and what is taken away")
for axes, numbers in ((left, by_place), (right, losses.values())):
    for place, loss in enumerate(numbers):
        axes.text(place, loss + 0.05, f"{loss:.2f}", ha="center", fontsize=9)
    axes.axhline(math.log(27), color=pictures.COLOURS[6], linestyle="--", linewidth=1, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
left.text(6.4, math.log(27) + 0.05, "ln 27", ha="right", color=pictures.COLOURS[6])
pictures.show(
    fig,
    "08_parts_torch",
    alt=f"Left: mean loss by place in six-letter names, {by_place[0]:.2f} for the first letter, {by_place[1]:.2f} for "
    f"the second, {by_place[6]:.2f} for the end. Right: "
    + ", ".join(f"{' '.join(what.split())} {loss:.2f}" for what, loss in losses.items())
    + ".",
)

# %% [markdown]
# The first letter is the hardest, as there is nothing to go by but BOS. The second is much easier, since after most
# consonants comes a vowel. That the end is so easy is half an illusion: we have picked the names that *do* end after
# six letters, and where a seventh follows, the same guess is a bad one.
#
# On the right every part is missed. That is no contradiction to lesson 07: there a model was trained without attention,
# and the MLP and the tables had 1,000 steps to make up for it. Here they were trained to rely on attention, and then it
# was taken away. The position is missed most of all single parts: without it the model does not know when to end.
