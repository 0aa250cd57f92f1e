"""Step 09, PyTorch track: training and held-out loss, gradients, Adam's moves, and Adam against gradient descent.

`python exercises/09_adam/explore_torch.py` saves the pictures in my_gpt/pictures; it trains, for some seconds. All
numbers come from your own `adam_torch` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: three hundred steps of training
#
# A run of 300 steps with batches of 32 takes a second or two. The list is sorted, so it is shuffled first, and the last
# 200 names are *held out*: the model is never trained on them, and their loss tells whether it has learned what names
# are like, or just the list.
#
# Your `train` calls `on_step` after each update. Through that window this cell measures, every tenth step, the loss of
# the held-out names, and the gradients of one batch that is always the same. These come from `torch.autograd.grad`,
# which returns them and leaves `.grad` alone.

# %%
import math
import random

import pictures
import torch
from adam_torch import Adam, batch_loss, linear_decay, train
from embedding_torch import init_state, parameters
from tokenizer_torch import Tokenizer, load_docs, make_batch

torch.set_num_threads(1)

STEPS, RATE, BATCH = 300, 0.01, 32
names = load_docs(pictures.HERE / "data" / "names.txt")
random.Random(42).shuffle(names)
tokenizer = Tokenizer(names)
names, held_out = names[:-200], names[-200:]
unseen = make_batch(held_out, tokenizer)
asked = make_batch(names[-BATCH:], tokenizer)


def new_state():
    return init_state(tokenizer.vocab_size, generator=torch.Generator().manual_seed(42))


state = new_state()
flow = {matrix: [] for matrix in state}
held = []
moved = {matrix: [] for matrix in state}
last = {matrix: p.detach().clone() for matrix, p in state.items()}


def measure():
    with torch.no_grad():
        held.append(batch_loss(state, *unseen).item())
    for matrix, slopes in zip(state, torch.autograd.grad(batch_loss(state, *asked), parameters(state)), strict=True):
        flow[matrix].append(slopes.abs().mean().item())


def watch(step, loss):
    for matrix, p in state.items():
        moved[matrix].append((p.detach() - last[matrix]).abs().mean().item())
        last[matrix] = p.detach().clone()
    if (step + 1) % 10 == 0:
        measure()


measure()
losses = train(state, names, tokenizer, STEPS, batch_size=BATCH, lr=RATE, on_step=watch)
print(f"first step {losses[0]:.4f}, last step {losses[-1]:.4f}, held-out names at the end {held[-1]:.4f}")

# %% [markdown]
# ### The loss
#
# Dots are the losses of the batches, diamonds those of the held-out names; below is the rate, from your `linear_decay`.
# Predict first: will the model be worse on names that it has never seen? By how much?

# %%
rates = [linear_decay(RATE, step, STEPS) for step in range(STEPS)]
fig = pictures.figure(7, 4.8)
upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(3, 1))
upper.plot(losses, "o", markersize=3, color=pictures.COLOURS[5], label="batch of 32")
upper.plot(range(0, STEPS + 1, 10), held, "D-", markersize=4, color=pictures.COLOURS[0], label="200 held-out names")
upper.axhline(math.log(27), color=pictures.COLOURS[6], linestyle="--", linewidth=1, label="ln 27 = 3.30")
upper.set_ylabel("loss")
upper.legend(frameon=False)
lower.plot(rates, "-.", color=pictures.COLOURS[1], linewidth=2)
lower.set_ylabel("rate")
lower.set_ylim(0, 0.011)
lower.set_xlabel("step")
for axes in (upper, lower):
    axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "09_loss_torch",
    alt=f"Loss of 300 steps of 32 names: it falls from {losses[0]:.2f} to about {sum(losses[-20:]) / 20:.2f}, and that "
    f"of the held-out names with it, to {held[-1]:.2f}. The rate falls in a straight line to 0.",
)

# %% [markdown]
# The two go down together, so most of what the model learns is what names have in common. After seven passes through
# the list a gap has opened, though: of the held-out names it knows a little less.
#
# ### Gradients, and how far they carry
#
# Left: the mean size of the gradients in each matrix, for the batch that is asked every tenth step. Right: how far the
# numbers of the same matrix really moved, step by step, mean of ten. Both scales are logarithmic: from one line to the
# next it is a factor of ten. Predict first: on the left the matrices differ a lot. What about the right?

# %%
fig = pictures.figure(7.5, 4.6)
left, right = fig.subplots(1, 2, sharey=True)
styles = ["o-", "s-", "^-", "v--", "D--", "P-.", "X-.", "<:", ">:"]  # the tables, query and key, value and out, MLP
colours = [pictures.COLOURS[i] for i in (0, 0, 0, 1, 1, 2, 2, 6, 6)]
for (matrix, sizes), style, colour in zip(flow.items(), styles, colours, strict=True):
    means = [sum(moved[matrix][i : i + 10]) / 10 for i in range(0, STEPS, 10)]
    short = matrix.removeprefix("layer0.")
    left.plot(range(0, STEPS + 1, 10), sizes, style, markevery=3, color=colour, label=short)
    right.plot(range(5, STEPS, 10), means, style, markevery=3, color=colour)
right.plot(range(STEPS), rates, color="black", linewidth=1)
right.text(6, 0.011, "the rate", va="bottom")
left.set_title("mean |gradient|", fontsize=11)
right.set_title("mean |move| of a step", fontsize=11)
for axes in (left, right):
    axes.set_yscale("log")
    axes.set_ylim(5e-5, 0.2)
    axes.set_xlabel("step")
    axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
first = {matrix: sizes[0] for matrix, sizes in flow.items()}
move = {matrix: sum(sizes[:10]) / 10 for matrix, sizes in moved.items()}
pictures.show(
    fig,
    "09_gradient_flow_torch",
    alt="Two charts on logarithmic scales, a line for each matrix. Gradients before training: from "
    f"{min(first.values()):.5f} to {max(first.values()):.4f}. Moves in the first ten steps: only from "
    f"{min(move.values()):.4f} to {max(move.values()):.4f}, and then downwards with the rate.",
)
print(
    f"before training, lm_head's gradients are {first['lm_head'] / first['layer0.attn_wk']:.0f} times those of attn_wk"
)
print(f"in the first ten steps, its moves are {move['lm_head'] / move['layer0.attn_wk']:.1f} times those of attn_wk")

# %% [markdown]
# In the fresh model queries and keys have little say, and their gradients are tiny. Adam does not care: all matrices
# move together, by less than the rate, because a gradient that changes its sign slows its parameter down.
#
# ### Every parameter at once
#
# A fresh state again, and ten steps of your `Adam` at the rate 0.01. Each dot is a parameter: how large its gradient
# is, and how far Adam moved it. The dashed line is plain gradient descent, which moves by the rate times the gradient.
# Beside it the averages $m$ and $v$ are kept by the formulas of the lesson, to compare with. Predict first: what do the
# dots of the very first step look like?

# %%
state = new_state()
params = parameters(state)
optimizer = Adam(params, lr=RATE)
b1, b2, eps = 0.85, 0.99, 1e-8


def flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


m = v = torch.zeros(sum(p.numel() for p in params))
points, largest = {}, 0.0
for t in range(1, 11):
    optimizer.zero_grad()
    batch_loss(state, *make_batch(names[32 * t : 32 * t + 32], tokenizer)).backward()
    g, before = flat(p.grad for p in params), flat(params)
    optimizer.step()
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    formula = -RATE * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps)
    largest = max(largest, (before + formula - flat(params)).abs().max().item())
    points[t] = (g.abs(), (flat(params) - before).abs())
print(f"largest difference between your Adam and the formulas in ten steps: {largest:.0e}, rounding of float32")

fig = pictures.figure(7.5, 4)
for axes, t in zip(fig.subplots(1, 2, sharex=True, sharey=True), (1, 10), strict=True):
    used = points[t][0] > 0
    slopes, moves = points[t][0][used], points[t][1][used]
    axes.plot(
        slopes.tolist(), moves.tolist(), "o", markersize=2.5, color=pictures.COLOURS[0], alpha=0.3, label="your Adam"
    )
    axes.plot([1e-8, 1], [RATE * 1e-8, RATE], "--", color=pictures.COLOURS[1], linewidth=2, label="gradient descent")
    axes.axhline(RATE, color="black", linewidth=0.8, label="the rate")
    axes.set(xscale="log", yscale="log", xlim=(1e-8, 1), ylim=(1e-8, 0.1), xlabel="|gradient|")
    axes.set_title(f"step {t}", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
fig.axes[0].set_ylabel("|move|")
legend = fig.legend(*fig.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
for handle in legend.legend_handles:
    handle.set(alpha=1, markersize=5)
near = ((moves > RATE / 10) & (moves < 2 * RATE)).double().mean().item()
pictures.show(
    fig,
    "09_adam_moves_torch",
    alt="Size of the gradient and size of the move for every parameter, on logarithmic scales. In step 1 nearly all "
    f"dots lie on the line of the rate, 0.01. In step 10, {100 * near:.0f} per cent lie between a tenth of it "
    "and its double, for gradients of any size; gradient descent is a slope far below.",
)

# %% [markdown]
# In the first step every parameter moves by the rate, whatever its gradient: one of a millionth counts as much as one
# of a hundredth. That is the bias correction at work, which makes $\hat m$ and $\sqrt{\hat v}$ equal in size. (Below
# $10^{-7}$ or so, $\varepsilon = 10^{-8}$ begins to tell.) Later the dots spread, most of them downwards, since the
# gradients of different batches contradict each other. But they spread around the same height: the size of the gradient
# has dropped out.
#
# ### How fussy is it about the rate?
#
# Eighteen models from the same fresh state, 100 steps each: nine rates, with your `train` and with plain gradient
# descent, whose rate falls in the same way. What is drawn is the loss of the held-out names at the end. Predict first:
# which rate does gradient descent need to be as good as Adam at 0.01?


# %%
def descend(state, lr, steps):
    """Plain gradient descent: every parameter moves by the rate times its gradient."""
    for step in range(steps):
        batch = [names[(step * BATCH + i) % len(names)] for i in range(BATCH)]
        loss = batch_loss(state, *make_batch(batch, tokenizer))
        with torch.no_grad():
            for p, slopes in zip(parameters(state), torch.autograd.grad(loss, parameters(state)), strict=True):
                p -= linear_decay(lr, step, steps) * slopes


@torch.no_grad()
def held_out_loss(state):
    return batch_loss(state, *unseen).item()


tried = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
ends = {"your Adam": [], "gradient descent": []}
for rate in tried:
    state = new_state()
    train(state, names, tokenizer, 100, batch_size=BATCH, lr=rate)
    ends["your Adam"].append(held_out_loss(state))
    state = new_state()
    descend(state, rate, 100)
    ends["gradient descent"].append(held_out_loss(state))

fig = pictures.figure(7, 3.8)
axes = fig.subplots()
top = 3.7  # what ends above, or as nan, is drawn at the upper edge
for (method, found), style, colour in zip(ends.items(), ("o-", "^--"), pictures.COLOURS, strict=False):
    axes.plot(tried, [loss if loss < top else top for loss in found], style, color=colour, label=method, clip_on=False)
axes.axhline(math.log(27), color=pictures.COLOURS[6], linestyle=":", label="ln 27 = 3.30")
axes.set_xscale("log")
axes.set_xticks(tried, tried)
axes.minorticks_off()
axes.set_ylim(2.2, top)
axes.set_xlabel("rate at the first step")
axes.set_ylabel(f"held-out loss ({top} or more at the edge)")
axes.legend(frameon=False, loc="center left")
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "09_rates_torch",
    alt="Held-out loss after 100 steps against the rate. Adam: "
    + ", ".join(f"{loss:.2f} at {rate}" for rate, loss in zip(tried, ends["your Adam"], strict=True))
    + ". Gradient descent: "
    + ", ".join(f"{loss:.2f} at {rate}" for rate, loss in zip(tried, ends["gradient descent"], strict=True))
    + ".",
)

# %% [markdown]
# Each method has its range of good rates, and a cliff at the end of it. Plain gradient descent is nearly as good, at a
# rate a hundred times higher. The difference is what the rate means. Adam's says how far a parameter may move, and 0.01
# is modest for numbers of 0.08. The other one has to fit the size of the gradients: multiply the loss by 1,000, and the
# dashed curve moves three decades to the left, while Adam's stays where it is.
