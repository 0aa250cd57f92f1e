"""Tests of 10_sampling, pure track: run them with `pytest exercises/10_sampling/test_sampling.py`.

First one token: in place of random numbers the tests use numbers that they know. Then names, from models whose
probabilities are written down: one looks at the last token only, one at the position only, one at all tokens so far.
"""

import math
import random

import expect
import pytest

JUST_BELOW_1 = 1 - 2**-53  # the largest number that random() can give
EIGHTHS = [math.log(1), math.log(4), math.log(3)]  # logits of the probabilities 1/8, 4/8, 3/8

BOS = 3  # after the letters a, b and c
PEAK = 1 / math.sqrt(1 / 8 + 1e-5)  # what rmsnorm makes of the 1 in a vector of eight numbers such as (0, 1, 0, ...)


class Script(random.Random):
    """A generator that gives the numbers of a list, and counts how often it was asked."""

    def __init__(self, *numbers):
        super().__init__(0)
        self.numbers, self.count = numbers, 0

    def random(self):
        self.count += 1
        more = f"random() was called more often than there are tokens to draw, {len(self.numbers)}"
        if self.count > len(self.numbers):
            raise expect.Failure(f"{more}: each draw takes one number for the whole row")
        return self.numbers[self.count - 1]


def picks(sampling, logits, temperature, *numbers):
    """The token for each random number, of one call each."""
    got = []
    for u in numbers:
        script = Script(u)
        with expect.slip(OverflowError, "take the highest logit away from all of them first, as in step 03"):
            token = sampling.sample(list(logits), temperature, script)
        assert script.count, "sample() returned without a random number: rng, which is given, was never asked"
        beyond = " (rounded probabilities add up to a little less than 1: which token is meant beyond?)"
        what = f"sample() returned {expect.show(token)}: it must return an int, the place of a token"
        assert type(token) is int, what + beyond * (token is None and u > 0.999)
        got.append(token)
    return got


# One token


def test_greedy(sampling):
    """At temperature 0 it is the highest logit."""
    rng = random.Random(1)
    for logits, want in (([0.5, 2.0, -1.0, 1.9], 1), ([-3.0, -5.0, -2.5], 2)):
        with expect.slip(ZeroDivisionError, "temperature 0 has a case of its own, before anything is divided by it"):
            got = sampling.sample(logits, 0, rng)
        expect.close(got, want, f"sample({logits}, 0, rng)")


def test_greedy_ties(sampling):
    """Where several logits are highest, the first of them is taken."""
    got = [sampling.sample([0.5, 2.0, -1.0, 2.0, 2.0], 0, random.Random(seed)) for seed in range(4)]
    slips = [([4, 4, 4, 4], "that is the last one of several that are equal: the first of them is asked for")]
    expect.close(got, [1, 1, 1, 1], "what sample([0.5, 2, -1, 2, 2], 0, rng) gives for four generators", slips=slips)


def test_negative_temperature(sampling):
    """A negative temperature raises ValueError."""
    what = "sample([0.5, 2, -1], -0.5, rng)"
    expect.error(ValueError, what, sampling.sample, [0.5, 2.0, -1.0], -0.5, random.Random(1))


def test_a_draw(sampling):
    """With the probabilities 1/8, 4/8, 3/8 side by side, u below 1/8 picks 0, below 5/8 picks 1, the rest picks 2."""
    got = picks(sampling, EIGHTHS, 1.0, 0.0, 0.12, 0.13, 0.62, 0.63, 0.99)
    slips = [
        ([1, 1, 1, 2, 2, 0], "these lie side by side with the likeliest first: they lie in the order of the tokens")
    ]
    expect.close(got, [0, 0, 1, 1, 2, 2], "what u = 0, 0.12, 0.13, 0.62, 0.63, 0.99 pick", slips=slips)


def test_how_often(sampling):
    """Of 200 numbers spread evenly, each token gets its share."""
    got = picks(sampling, EIGHTHS, 1.0, *((i + 0.5) / 200 for i in range(200)))
    expect.close([got.count(i) for i in range(3)], [25, 100, 75], "how often 0, 1 and 2 are picked")


def test_an_impossible_token(sampling):
    """A token of probability 0 is not even picked by u = 0."""
    got = picks(sampling, [-4000.0, 0.5, -4000.0, 0.5], 1.0, 0.0, 0.49, 0.51)
    slips = [([0, 1, 3], "token 0 has probability 0, and is not even picked by u = 0: is it < or <= that decides?")]
    expect.close(got, [1, 1, 3], "what u = 0, 0.49, 0.51 pick from the logits -4000, 0.5, -4000, 0.5", slips=slips)


def test_the_largest_random_number(sampling):
    """u = 1 - 2**-53 picks the last token, also where rounded probabilities add up to less than that."""
    for count in range(3, 40):
        logits = [math.log(2 + (7 * i) % 5) for i in range(count)]
        got = picks(sampling, logits, 1.0, JUST_BELOW_1)
        expect.close(got, [count - 1], f"what u = 1 - 2**-53 picks from {count} logits")


def test_temperature(sampling):
    """Logits are divided by the temperature before softmax: 1/8, 4/8, 3/8 become 1/26, 16/26, 9/26 at 0.5."""
    got = picks(sampling, EIGHTHS, 0.5, 0.038, 0.039, 0.2, 0.24, 0.53, 0.63, 0.653, 0.654)
    slips = [
        ([0, 0, 1, 1, 1, 2, 2, 2], "that is so at a temperature of 1: divide the logits by it, before softmax"),
        ([0, 0, 0, 1, 1, 1, 2, 2], "that is so where logits are multiplied by the temperature: they are divided by it"),
    ]
    what = "what u = 0.038, 0.039, 0.2, 0.24, 0.53, 0.63, 0.653, 0.654 pick at temperature 0.5"
    expect.close(got, [0, 1, 1, 1, 1, 1, 1, 2], what, slips=slips)
    total = 1 + math.sqrt(4) + math.sqrt(3)
    borders = [1 / total, 3 / total]
    got = picks(sampling, EIGHTHS, 2.0, *(border + side for border in borders for side in (-1e-3, 1e-3)))
    expect.close(got, [0, 1, 1, 2], "what u on both sides of the borders picks at temperature 2")


def test_large_logits(sampling):
    """Neither logits of +-10,000 nor a temperature of 0.001 overflow."""
    got = picks(sampling, [1e4, -1e4, 1e4 + math.log(3)], 1.0, 0.24, 0.26)
    expect.close(got, [0, 2], "what u = 0.24, 0.26 pick from the logits 10000, -10000, 10000 + ln 3")
    got = picks(sampling, [-1e4, -1e4 + math.log(3)], 1.0, 0.24, 0.26)
    expect.close(got, [0, 1], "what u = 0.24, 0.26 pick from the logits -10000, -10000 + ln 3")
    got = picks(sampling, [1.0, 3.0, 2.0], 0.001, 0.001, 0.999)
    expect.close(got, [1, 1], "what u = 0.001, 0.999 pick from the logits 1, 3, 2 at temperature 0.001")


def test_one_random_number(sampling):
    """Each draw takes one rng.random(), from the generator that is given."""
    script = Script(0.1, 0.5, 0.9)
    got = [sampling.sample(EIGHTHS, 1.0, script) for _ in range(3)]
    expect.close(got, [0, 1, 2], "what three calls with one generator of 0.1, 0.5, 0.9 pick")
    rng, twin = random.Random(7), random.Random(7)
    sampling.sample(EIGHTHS, 1.0, rng)
    twin.random()
    assert rng.random() == twin.random(), "after one draw, the generator is not one random() further"


# Names


@pytest.fixture
def model(value):
    """A state of 8 numbers a token: the first four say which token it is, the others which position.

    Attention takes the mean of everything so far, times `context`. lm_head is given as rows of (token, place) parts.
    """

    def build(head, wte=1.0, wpe=0.0, context=0.0, block_size=4):
        def unit(i, size):
            return [size if j == i else 0.0 for j in range(8)]

        matrices = {
            "wte": [unit(token, wte) for token in range(4)],
            "wpe": [unit(4 + place, wpe) for place in range(block_size)],
            "lm_head": head,
            "layer0.attn_wq": [[0.0] * 8 for _ in range(8)],  # all queries 0: every position weighs the same
            "layer0.attn_wk": [[0.0] * 8 for _ in range(8)],
            "layer0.attn_wv": [unit(i, 1.0) for i in range(8)],
            "layer0.attn_wo": [unit(i, context) for i in range(8)],
            "layer0.mlp_fc1": [[0.0] * 8 for _ in range(32)],
            "layer0.mlp_fc2": [[0.0] * 32 for _ in range(8)],
        }
        return {name: [[value.Value(x) for x in row] for row in matrix] for name, matrix in matrices.items()}

    return build


@pytest.fixture
def letters(tokenizer):
    """The tokenizer of a, b and c."""
    return tokenizer.Tokenizer(["abc"])


def head_after(*columns):
    """lm_head for a model that looks at the last token: one column of probabilities each, after a, b, c and BOS."""
    return [[*(math.log(column[i]) / PEAK for column in columns), *[0.0] * 4] for i in range(4)]


ANY = [0.25, 0.25, 0.25, 0.25]  # of a, b, c and BOS
EVEN = head_after(ANY, ANY, ANY, ANY)  # every token is as probable as the others, whatever came before


def spell(tokens):
    """Numbers that pick these tokens from equal probabilities."""
    return [(token + 0.5) / 4 for token in tokens]


def test_a_name_ends_at_bos(sampling, model, letters):
    """Where all probabilities are equal the numbers spell the name. It ends at BOS, which is left out."""
    for tokens, want in (([1, 0, BOS], "ba"), ([BOS], ""), ([2, 2, 0, BOS], "cca")):
        got = sampling.generate(model(EVEN), letters, 1.0, Script(*spell([*tokens, 1, 1])))
        behind = " (it goes on behind BOS)" if len(got) > len(want) and got.startswith(want) else ""
        assert got == want, f"the numbers spell {want!r} and then BOS; generate() returned {got!r}{behind}"


def test_a_name_ends_at_its_longest(sampling, model, letters):
    """Without BOS, a name has min(max_len, block_size) characters, and max_len may be 0."""
    numbers = spell([1, 0, 2, 2, 1, 0, 1, 2])
    for block_size, max_len, want in ((4, None, "bacc"), (2, None, "ba"), (4, 3, "bac"), (4, 0, ""), (3, 7, "bac")):
        got = sampling.generate(model(EVEN, block_size=block_size), letters, 1.0, Script(*numbers), max_len)
        what = f"block_size {block_size}, max_len {max_len}: {want!r} belongs there, not {got!r}"
        if max_len == 0:
            what += " (0 is a length, and `or` takes it for none)"
        elif got == want[:-1]:
            what += " (BOS at the start is no character: it takes no place of the name)"
        assert got == want, what


def test_the_last_token_counts(sampling, model, letters):
    """Each token is drawn from what the model says after the token before it, and BOS is the first."""
    head = head_after([0.1, 0.5, 0.2, 0.2], [0.1, 0.1, 0.7, 0.1], [0.1, 0.2, 0.1, 0.6], [0.4, 0.3, 0.2, 0.1])
    got = sampling.generate(model(head), letters, 0)
    what = f"a is likeliest after BOS, b after a, c after b, BOS after c; generate() returned {got!r}"
    if got == "aaaa":
        what += " (it always asks what follows BOS: the token that was drawn is read next)"
    else:
        what += " (at temperature 0 nothing is left to chance: is temperature passed on to sample?)"
    assert got == "abc", what
    got = sampling.generate(model(head), letters, 1.0, Script(0.41, 0.19, 0.69, 0.39))
    assert got == "bbcc", f"0.41, 0.19, 0.69, 0.39 spell 'bbcc' with these probabilities; generate() returned {got!r}"


def test_the_position_counts(sampling, model, letters):
    """The first token is at position 0, the next one at 1, and so on."""
    head = [[0.0] * 4 + [float(i == best) for best in (2, 0, 0, 1)] for i in range(4)]
    got = sampling.generate(model(head, wte=0.0, wpe=1.0), letters, 0)
    what = f"c is likeliest at position 0, a at 1 and 2, b at 3; generate() returned {got!r}"
    assert got == "caab", what + " (is the position passed on to gpt?)" * (got == "cccc")


def test_the_whole_context_counts(sampling, model, letters):
    """The model sees every token so far, not the last one alone: here it goes on with a until BOS has become rare.

    An x is the last token plus ten times the mean of all. b and c are never likeliest; a is, as BOS's share times 1,
    and BOS is, as a's share times a half.
    """
    head = [[0.0] * 8 for _ in range(4)]
    head[0][BOS], head[BOS][0] = 1.0, 0.5
    state = model(head, context=10.0, block_size=6)
    for _ in range(2):
        got = sampling.generate(state, letters, 0)
        what = f"after BOS, a, a the two a outweigh BOS: 'aa' belongs there; generate() returned {got!r}"
        assert got == "aa", (
            f"{what} (does the model get the keys and values of all tokens so far, and of no other name?)"
        )


def test_all_layers_and_heads_count(sampling, value, letters):
    """The state says how many layers there are, and n_head reaches the model."""
    shapes = {"wte": (4, 6), "wpe": (5, 6), "lm_head": (4, 6)}
    for layer in range(2):
        shapes |= {f"layer{layer}.attn_{name}": (6, 6) for name in ("wq", "wk", "wv", "wo")}
        shapes |= {f"layer{layer}.mlp_fc1": (24, 6), f"layer{layer}.mlp_fc2": (6, 24)}
    state = {}
    for m, (name, (rows, columns)) in enumerate(shapes.items()):
        state[name] = [
            [value.Value(math.sin(3 + 5 * m + 4 * r * c + 5 * c + r * r)) for c in range(columns)] for r in range(rows)
        ]
    with expect.slip(IndexError, "how many layers are there? The state's names tell"):
        got = sampling.generate(state, letters, temperature=0, n_head=2)
    assert got == "cbcb", f"'cbcb' is what 2 layers of 2 heads say here; generate() returned {got!r}"


def test_a_temperature_of_one_half_unless_told(sampling, model, letters):
    """Without a temperature it is 0.5: probabilities 1/8, 4/8, 2/8, 1/8 become 1/22, 16/22, 4/22, 1/22."""
    column = [1 / 8, 4 / 8, 2 / 8, 1 / 8]
    state = model(head_after(column, column, column, column))
    got = sampling.generate(state, letters, rng=Script(0.045, 0.046, 0.772, 0.774, 0.5, 0.5))
    assert got == "abbc", f"at temperature 0.5 the numbers spell 'abbc'; generate() returned {got!r}"


def test_equal_seeds_give_equal_names(sampling, model, letters):
    """All chance comes from the generator that is given."""
    state = model(EVEN, block_size=8)
    one, other = (
        [sampling.generate(state, letters, 1.0, rng) for _ in range(10)] for rng in (random.Random(3), random.Random(3))
    )
    assert one == other, f"two generators of one seed gave {one} and {other}"


def test_without_a_generator(sampling, model, letters):
    """Without a generator there are names too: generate makes one of its own."""
    with expect.slip(AttributeError, "rng is None where no generator is given: generate makes one of its own"):
        name = sampling.generate(model(EVEN, block_size=4), letters, 1.0)
    assert type(name) is str, f"generate() returned {expect.show(name)}; it must return a str"
    assert set(name) <= set("abc"), f"generate() returned {name!r}, with letters that the tokenizer does not know"
