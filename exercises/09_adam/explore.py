"""Step 09, pure track: a training run, where its gradients flow, and one step of Adam taken apart.

`python exercises/09_adam/explore.py` saves the pictures in my_gpt/pictures; it trains, and takes some 15 seconds. All
numbers come from your own `adam` and the modules before it.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import pictures  # found through the line above

pictures.begin()

# %% [markdown]
# ## Explore: a hundred steps of training
#
# Your `train` runs for 100 steps, one name a step. Its `on_step` is a window: after each update it is called, and can
# see how far every parameter has moved. Every tenth time it also asks two names that are always the same for their
# gradients, by your `doc_loss` and `backward`, and then sets all gradients back to 0, so that training does not notice.
#
# The list is sorted, so it is shuffled first. Otherwise the model would see nothing but names with *a* for 100 steps.

# %%
import math
import random
import statistics

import pictures
from adam import Adam, doc_loss, linear_decay, train
from backward import backward
from embedding import init_state, parameters
from tokenizer import Tokenizer, load_docs

STEPS, RATE = 100, 0.01
names = load_docs(pictures.HERE / "data" / "names.txt")
random.Random(42).shuffle(names)
tokenizer = Tokenizer(names)
state = init_state(tokenizer.vocab_size, rng=random.Random(42))


def gradients(state, names):
    """matrix -> the gradients of the summed losses of the names, as plain numbers; .grad is 0 before and after."""
    for p in parameters(state):
        p.grad = 0.0
    for name in names:
        backward(doc_loss(state, tokenizer.encode(name)))
    found = {matrix: [p.grad for row in rows for p in row] for matrix, rows in state.items()}
    for p in parameters(state):
        p.grad = 0.0
    return found


def mean_size(numbers):
    return statistics.fmean(abs(number) for number in numbers)


asked = names[-2:]
flow = {matrix: [mean_size(slopes)] for matrix, slopes in gradients(state, asked).items()}
moved = {matrix: [] for matrix in state}
last = {matrix: [p.data for row in rows for p in row] for matrix, rows in state.items()}


def watch(step, loss):
    for matrix, rows in state.items():
        now = [p.data for row in rows for p in row]
        moved[matrix].append(mean_size(a - b for a, b in zip(now, last[matrix], strict=True)))
        last[matrix] = now
    if (step + 1) % 10 == 0:
        for matrix, slopes in gradients(state, asked).items():
            flow[matrix].append(mean_size(slopes))


losses = train(state, names, tokenizer, STEPS, lr=RATE, on_step=watch)
print(f"first step {losses[0]:.4f}, mean of the last ten {statistics.fmean(losses[-10:]):.4f}")

# %% [markdown]
# ### The loss
#
# Each dot is the loss of one name, before the update of its step; the line is the mean of the last ten. Below is the
# rate, from your `linear_decay`. Predict first: where does the line begin? And can you tell from a single dot whether
# training goes well?

# %%
smooth = [statistics.fmean(losses[i - 9 : i + 1]) for i in range(9, STEPS)]
rates = [linear_decay(RATE, step, STEPS) for step in range(STEPS)]
fig = pictures.figure(7, 4.8)
upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(3, 1))
upper.plot(losses, "o", markersize=4, color=pictures.COLOURS[5], label="loss of the step's name")
upper.plot(range(9, STEPS), smooth, color=pictures.COLOURS[0], linewidth=2.5, label="mean of the last ten")
upper.axhline(math.log(27), color=pictures.COLOURS[6], linestyle="--", linewidth=1, label="ln 27 = 3.30")
upper.set_ylabel("loss")
upper.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16))
lower.plot(rates, "-.", color=pictures.COLOURS[1], linewidth=2)
lower.set_ylabel("rate")
lower.set_ylim(0, 0.011)
lower.set_xlabel("step")
for axes in (upper, lower):
    axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "09_loss",
    alt=f"Loss of 100 steps: dots scattered from {min(losses):.1f} to {max(losses):.1f}, and their running mean, which "
    f"falls from {smooth[0]:.2f} to {smooth[-1]:.2f}, below ln 27 = 3.30. The rate falls in a straight line to 0.",
)

# %% [markdown]
# The mean starts near $\ln 27$, the loss of somebody who knows nothing, and falls. The dots scatter far more than it
# falls, because names differ: what counts is the mean of many.
#
# ### Gradients, and how far they carry
#
# Left: the mean size of the gradients in each matrix, for the two names that are asked every tenth step. Right: how
# far the numbers of the same matrix really moved, step by step, mean of ten. Both scales are logarithmic: from one
# line to the next it is a factor of ten. Predict first: on the left the matrices differ a lot. What about the right?

# %%
fig = pictures.figure(7.5, 4.6)
left, right = fig.subplots(1, 2)
styles = ["o-", "s-", "^-", "v--", "D--", "P-.", "X-.", "<:", ">:"]  # the tables, query and key, value and out, MLP
colours = [pictures.COLOURS[i] for i in (0, 0, 0, 1, 1, 2, 2, 6, 6)]
for (matrix, sizes), style, colour in zip(flow.items(), styles, colours, strict=True):
    means = [statistics.fmean(moved[matrix][i : i + 10]) for i in range(0, STEPS, 10)]
    left.plot(range(0, STEPS + 1, 10), sizes, style, color=colour, label=matrix.removeprefix("layer0."))
    right.plot(range(5, STEPS, 10), means, style, color=colour)
right.plot(range(STEPS), rates, color="black", linewidth=1)
right.text(2, 0.011, "the rate", va="bottom")
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
move = {matrix: statistics.fmean(sizes[:10]) for matrix, sizes in moved.items()}
pictures.show(
    fig,
    "09_gradient_flow",
    alt="Two charts on logarithmic scales, a line for each matrix. Gradients before training: from "
    f"{min(first.values()):.4f} to {max(first.values()):.4f}. Moves in the first ten steps: only from "
    f"{min(move.values()):.4f} to {max(move.values()):.4f}, and then downwards with the rate.",
)

print("matrix      gradient at step 0   after 100   mean move, first ten steps   last ten")
for matrix, sizes in flow.items():
    early, late = statistics.fmean(moved[matrix][:10]), statistics.fmean(moved[matrix][-10:])
    print(f"{matrix.removeprefix('layer0.'):10} {sizes[0]:19.5f} {sizes[-1]:11.5f} {early:28.5f} {late:10.5f}")

# %% [markdown]
# In the fresh model the gradients of `lm_head` are more than a hundred times as large as those of `attn_wk`: queries
# and keys have little say as long as all values are small and much alike. Adam does not care. On the right all matrices
# move together, at less than the rate, because a gradient that changes its sign from name to name slows its parameter
# down. (The rows of `wte` and `wpe` move less on average, since a name uses only a few of them.)
#
# ### One step, taken apart
#
# A fresh state again, and ten steps of your `Adam` at the rate 0.01, on ten names. Beside it the averages $m$ and $v$
# of all 4,192 parameters are kept by the formulas of the lesson, as plain numbers. The table shows four parameters in
# the tenth step. The last column, "-rate * g", is how far plain gradient descent would move them.

# %%
state = init_state(tokenizer.vocab_size, rng=random.Random(42))
params = parameters(state)
optimizer = Adam(params, lr=RATE)
b1, b2, eps = 0.85, 0.99, 1e-8
m, v = [0.0] * len(params), [0.0] * len(params)
points = {}  # t -> the gradient and the move of each parameter
for t in range(1, 11):
    optimizer.zero_grad()
    backward(doc_loss(state, tokenizer.encode(names[t])))
    g, before = [p.grad for p in params], [p.data for p in params]
    optimizer.step()
    move = [p.data - was for p, was in zip(params, before, strict=True)]
    m = [b1 * m_i + (1 - b1) * g_i for m_i, g_i in zip(m, g, strict=True)]
    v = [b2 * v_i + (1 - b2) * g_i * g_i for v_i, g_i in zip(v, g, strict=True)]
    m_hat = [m_i / (1 - b1**t) for m_i in m]
    root = [math.sqrt(v_i / (1 - b2**t)) for v_i in v]
    formula = [-RATE * m_i / (r + eps) for m_i, r in zip(m_hat, root, strict=True)]
    points[t] = (g, move)

where = {id(p): i for i, p in enumerate(params)}
chosen = {
    "lm_head, a, 1st number": state["lm_head"][0][0],
    "wte, BOS, 1st number": state["wte"][tokenizer.bos][0],
    "attn_wk, 1st row and number": state["layer0.attn_wk"][0][0],
    "wte, q, 1st number": state["wte"][tokenizer.chars.index("q")][0],
}
print(f"{'':28}{'g':>10}{'m hat':>10}{'root v hat':>12}{'by formula':>12}{'your move':>11}{'-rate * g':>12}")
for label, p in chosen.items():
    i = where[id(p)]
    print(f"{label:28}{g[i]:10.5f}{m_hat[i]:10.5f}{root[i]:12.5f}", end="")
    print(f"{formula[i] + 0.0:12.6f}{move[i]:11.6f}{0.0 - RATE * g[i]:12.7f}")  # 0.0: nothing is printed as -0
difference = max(abs(a - b) for a, b in zip(formula, move, strict=True))
print(f"largest difference of formula and move among all {len(params):,}: {difference:.0e}")

# %% [markdown]
# Compare `lm_head` with `attn_wk`: Adam moves both by much the same, gradient descent the one 80 times as far as the
# other. And look at BOS: the gradient of this step says down, Adam still moves up. It remembers the nine before.
#
# ### Every parameter at once
#
# Each dot is a parameter: how large its gradient is, and how far Adam moved it. The line is plain gradient descent,
# which moves by the rate times the gradient. Predict first: what do the dots of the very first step look like?

# %%
fig = pictures.figure(7.5, 4)
for axes, t in zip(fig.subplots(1, 2, sharex=True, sharey=True), (1, 10), strict=True):
    used = [(abs(a), abs(b)) for a, b in zip(*points[t], strict=True) if a != 0]
    axes.plot(*zip(*used, strict=True), "o", markersize=2.5, color=pictures.COLOURS[0], alpha=0.3, label="your Adam")
    axes.plot([1e-7, 1], [RATE * 1e-7, RATE], "--", color=pictures.COLOURS[1], linewidth=2, label="gradient descent")
    axes.axhline(RATE, color="black", linewidth=0.8, label="the rate")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1e-7, 1)
    axes.set_ylim(1e-8, 0.1)
    axes.set_title(f"step {t}", fontsize=11)
    axes.set_xlabel("|gradient|")
    axes.spines[["top", "right"]].set_visible(False)
fig.axes[0].set_ylabel("|move|")
legend = fig.legend(*fig.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
for handle in legend.legend_handles:
    handle.set(alpha=1, markersize=5)
near = sum(RATE / 10 < abs(b) < 2 * RATE for a, b in zip(*points[10], strict=True) if a != 0) / len(used)
pictures.show(
    fig,
    "09_adam_moves",
    alt="Size of the gradient and size of the move for every parameter, on logarithmic scales. In step 1 all dots lie "
    f"on the line of the rate, 0.01. In step 10, {100 * near:.0f} per cent lie between a tenth of it and twice it, for "
    "gradients of any size; gradient descent is a slope far below.",
)

# %% [markdown]
# In the first step every parameter moves by the rate, whatever its gradient: a gradient of a millionth counts as much
# as one of a tenth. That is the bias correction at work, which makes $\hat m$ and $\sqrt{\hat v}$ equal in size. Later
# the dots spread, most of them downwards, since gradients of different names contradict each other. But they spread
# around the same height: the size of the gradient has dropped out. (Parameters without gradient in the step are not
# drawn. They may move as well: $m$ remembers.)
