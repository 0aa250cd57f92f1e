"""Step 10, pure track: how a name is drawn, letter by letter, and what the temperature does.

`python exercises/10_sampling/explore.py` saves the pictures in my_gpt/pictures. All numbers come from your own
`sampling` and the modules before it.
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
import random

import pictures
from gpt import gpt
from sampling import generate, sample
from softmax import softmax
from tokenizer import Tokenizer, load_docs
from value import Value

chars, numbers = pictures.trained()
trained = {name: [[Value(number) for number in row] for row in matrix] for name, matrix in numbers.items()}
tokenizer = Tokenizer(chars)
labels = [*chars, "end"]  # as a prediction, BOS means that the name ends here


def probabilities(logits, temperature):
    """softmax(logits / temperature) as plain numbers, by your softmax."""
    return [p.data for p in softmax([Value(logit / temperature) for logit in logits])]


def next_logits(prefix):
    """The logits of the letter after a prefix, as plain numbers."""
    keys, values = [[]], [[]]
    for position, token in enumerate(tokenizer.encode(prefix)[:-1]):
        logits = gpt(trained, token, position, keys, values)
    return [logit.data for logit in logits]


# %% [markdown]
# ### One point decides
#
# What follows "emm"? Lay the probabilities side by side on the line from 0 to 1, and see into which piece $u$ falls.
# Here $u$ is the first number of `random.Random(SEED)`, and the letter beside each line is what your `sample` draws
# with a generator of the same seed: it must be the letter of the hatched piece. Predict first: which of the pieces
# grows as the temperature goes down to 0?

# %%
SEED = 9
u = random.Random(SEED).random()
logits = next_logits("emm")
temperatures = [0.2, 0.5, 1.0, 2.0]
fig = pictures.figure(7.5, 4.2)
axes = fig.subplots()
drawn = []
for line, temperature in enumerate(temperatures):
    start = 0.0
    letter = labels[sample(logits, temperature, random.Random(SEED))]
    for i, p in enumerate(probabilities(logits, temperature)):
        hit = start <= u < start + p
        style = {"color": pictures.COLOURS[1], "hatch": "//"} if hit else {"color": pictures.COLOURS[5]}
        axes.barh(line, p, left=start, height=0.5, edgecolor="white", linewidth=1, **style)
        if p > 0.01 + 0.018 * len(labels[i]):  # wide enough for its letter
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            axes.text(start + p / 2, line, labels[i], ha="center", va="center", fontsize=10, bbox=box)
        start += p
    axes.text(1.02, line, f"draws {letter}", va="center", fontsize=11)
    drawn.append(letter)
axes.plot([u, u], [-0.36, 3.36], color="black", linewidth=1.5)
axes.text(u, -0.4, f"u = {u:.4f}", ha="center", va="bottom", fontsize=11)
axes.set_yticks(range(len(temperatures)), [f"T = {temperature}" for temperature in temperatures])
axes.set_xlim(0, 1)
axes.set_ylim(len(temperatures) - 0.6, -0.7)
axes.tick_params(axis="y", length=0)
axes.spines[["top", "right", "left"]].set_visible(False)
axes.set_xlabel('the line from 0 to 1, cut by the probabilities of the letter after "emm"')
pictures.show(
    fig,
    "10_line",
    alt=f"Four lines from 0 to 1, cut into pieces by the probabilities of the letter after emm. u = {u:.4f} lies "
    + ", ".join(f"in {letter} at T = {t}" for letter, t in zip(drawn, temperatures, strict=True))
    + ". At 0.2 the piece of a fills most of the line, at 2 many letters have a piece.",
)

# %% [markdown]
# ### Ten thousand points
#
# One draw proves little. Draw 10,000 times from the logits after "emm", at temperature 1, and compare how often each
# letter came with its probability. How large may the difference be? A share of $p$ among $n$ draws has a standard
# deviation of $\sqrt{p (1 - p) / n}$, at most 0.005 here.

# %%
rng = random.Random(1)
counts = [0] * len(labels)
for _ in range(10_000):
    counts[sample(logits, 1.0, rng)] += 1
expected = probabilities(logits, 1.0)
shares = [count / 10_000 for count in counts]
fig = pictures.figure(7.5, 3.4)
axes = fig.subplots()
axes.bar(range(len(labels)), shares, color=pictures.COLOURS[5], label="share of 10,000 draws")
axes.plot(range(len(labels)), expected, "D", color=pictures.COLOURS[1], markersize=5, label="probability")
axes.set_xticks(range(len(labels)), labels)
axes.set_ylabel('after "emm"')
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
far = max(abs(share - p) for share, p in zip(shares, expected, strict=True))
pictures.show(
    fig,
    "10_draws",
    alt=f"Share of each letter in 10,000 draws after emm, beside its probability: they differ by {far:.4f} at most.",
)
print(f"largest difference {far:.4f}")
sigmas = [abs(s - p) / math.sqrt(p * (1 - p) / 10_000) for s, p in zip(shares, expected, strict=True) if p > 0.001]
print(f"in standard deviations, for the {len(sigmas)} letters above 0.001: at most {max(sigmas):.1f}")

# %% [markdown]
# ### A name comes into being
#
# Each row is one step: the probabilities of all 27 tokens at temperature 0.8, in per cent, from which one is drawn. The
# drawn one has a frame. Then it is fed to the model, and the next row is what it says now. Was the drawn letter the
# most likely one? Where is the model sure, and where does it have a choice?

# %%
TEMPERATURE = 0.8
rng = random.Random(0)
keys, values = [[]], [[]]
ids, rows = [tokenizer.bos], []
while len(ids) <= 16:
    logits = [logit.data for logit in gpt(trained, ids[-1], len(ids) - 1, keys, values)]
    rows.append(probabilities(logits, TEMPERATURE))
    ids.append(sample(logits, TEMPERATURE, rng))
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
    "10_a_name_is_drawn",
    alt=f"Probabilities of the next token at each step of drawing {name}; the drawn ones had "
    f"{', '.join(f'{100 * p:.0f}' for p in chances)} per cent.",
)
print(f"{name}: the likeliest token was drawn in {likeliest} of {len(chances)} steps")
print(f"with these probabilities: {'  '.join(f'{p:.2f}' for p in chances)}; their product is {math.prod(chances):.1e}")
print(f"in the list of names: {name in load_docs(pictures.HERE / 'data' / 'names.txt')}")

# %% [markdown]
# The likeliest token was drawn in two steps only, and still something came out that could be a name. The white cells
# matter as much as the coloured ones. Most rows rule out many letters, and with whatever is drawn from the rest one
# can go on.
#
# ### Turning the knob
#
# Twenty names for each of four temperatures, by your `generate`, and how many of them are in the list that the model
# was trained on. Predict first: at which temperature is that share highest, and why is it not the best one?

# %%
names = set(load_docs(pictures.HERE / "data" / "names.txt"))
print("T      different  in the list   the first six")
for temperature in (0.2, 0.5, 1.0, 2.0):
    rng = random.Random(3)
    made = [generate(trained, tokenizer, temperature, rng) for _ in range(24)]
    real = sum(name in names for name in made)
    print(f"{temperature:3}  {len(set(made)):8}/24 {real:9}/24   {' '.join(made[:6])}")

# %% [markdown]
# At 0.2 half of the names are real ones, and the same ones come back. At 2 all are new, and hardly names. In between
# lies what one wants: new *and* likely.
#
# ### How much choice is left?
#
# The *entropy* of a distribution, $H = -\sum_i p_i \ln p_i$, is the loss that the model expects of itself, and $e^H$
# says among how many equally likely letters one would have as much choice. Here it is for four prefixes, at
# temperatures from 0.1 to 3. At $T = 1$ the model means what it says. Where do all curves go on the left, and where on
# the right?

# %%
scale = [0.1 * i for i in range(1, 31)]
fig = pictures.figure(7, 4)
axes = fig.subplots()
choices = {}
for prefix, style, colour in zip(("", "emm", "maria", "q"), ("-", "--", "-.", ":"), pictures.COLOURS, strict=False):
    logits = next_logits(prefix)
    choices[prefix] = []
    for temperature in scale:
        entropy = -sum(p * math.log(p) for p in probabilities(logits, temperature) if p > 0)
        choices[prefix].append(math.exp(entropy))
    axes.plot(
        scale,
        choices[prefix],
        style,
        color=colour,
        linewidth=2.2,
        label=f'after "{prefix}"' if prefix else "at the start",
    )
axes.axhline(27, color=pictures.COLOURS[6], linewidth=0.8)
axes.text(0.1, 26.7, "all 27 alike", va="top", color=pictures.COLOURS[6])
axes.axvline(1, color=pictures.COLOURS[6], linewidth=0.8)
axes.set_xlim(0, 3)
axes.set_ylim(0, 28)
axes.set_yticks([1, 5, 10, 15, 20, 25])
axes.set_xlabel("temperature")
axes.set_ylabel("number of choices, exp(entropy)")
axes.legend(frameon=False, loc="lower right")
axes.spines[["top", "right"]].set_visible(False)
pictures.show(
    fig,
    "10_choices",
    alt="Number of choices against temperature. The colder, the fewer: towards 1 on the left, towards 27 on the right. "
    "At temperature 1: "
    + ", ".join(
        f"{found[9]:.1f} {'after ' + prefix if prefix else 'at the start'}" for prefix, found in choices.items()
    )
    + ".",
)

# %% [markdown]
# On the left every curve goes to 1, where only the highest logit is left, and far on the right all would reach 27. What
# lies between depends on what the model knows: after *q* or "maria" it has few letters in mind, at the start of a name
# nearly all.
