"""Tests of 07_attention, torch track: run them with `pytest exercises/07_attention/test_attention_torch.py`.

They are a ladder: each of the first ones switches off every mechanism but one or two. Look first at the first that
fails.
"""

import math

import expect
import torch

# What is to be written in this step: torch's own versions
OWN = (
    "scaled_dot_product_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_attention_math",
)
OWN += ("multi_head_attention_forward", "_native_multi_head_attention", "_safe_softmax")

X = [[1.0, -2.0, 0.5, 3.0], [0.0, 1.5, -1.0, 2.0], [2.0, 0.5, 1.0, -1.0]]  # three positions of four numbers
WQ = [[0.5, -0.25, 0.0, 0.125], [0.0, 0.5, 0.25, -0.5], [-0.5, 0.0, 0.75, 0.25], [0.25, 0.125, -0.5, 0.0]]
WK = [[0.25, 0.5, -0.125, 0.0], [-0.5, 0.0, 0.25, 0.5], [0.0, -0.25, 0.5, 0.125], [0.75, 0.25, 0.0, -0.25]]
WV = [[1.0, 0.0, -0.5, 0.25], [0.5, -1.0, 0.0, 0.5], [0.0, 0.25, 1.0, -0.5], [-0.25, 0.5, 0.0, 1.0]]
WO = [[0.5, 1.0, 0.0, -0.5], [0.0, -0.5, 1.0, 0.25], [1.0, 0.0, 0.25, -1.0], [0.25, 0.5, -1.0, 0.0]]
NOTHING = [[0.0] * 4] * 4
UNIT = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
WHAT = "attention(x, wq, wk, wv, wo, n_head={})"


def tensor(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def product(w, x):
    """w x, for a matrix of rows"""
    return [sum(a * b for a, b in zip(row, x, strict=True)) for row in w]


def outputs(n_head, scale=None, keys_ask=False, dealt_out=False):
    """The outputs for X and the matrices above, one number at a time; the rest are mistakes that can be made."""
    q, k, v = ([product(w, x) for x in X] for w in ((WK, WQ, WV) if keys_ask else (WQ, WK, WV)))
    width, joined = 4 // n_head, [[0.0] * 4 for _ in X]
    for h in range(n_head):
        part = range(h, 4, n_head) if dealt_out else range(h * width, (h + 1) * width)
        for t in range(len(X)):
            scores = [sum(q[t][i] * k[s][i] for i in part) / (scale or math.sqrt(width)) for s in range(t + 1)]
            exps = [math.exp(score) for score in scores]
            for place, i in enumerate(part, h * width):
                joined[t][place] = sum(e * v[s][i] for s, e in enumerate(exps)) / sum(exps)
    return [product(WO, row) for row in joined]


def ask(module, x, wq, wk, wv, wo, n_head):
    """attention of one sequence, as a tensor (T, C)"""
    matrices = [tensor(w) for w in (wq, wk, wv, wo)]
    got = module.attention(tensor([x]), *matrices, n_head=n_head)
    return expect.tensor(got, (1, len(x), len(x[0])), WHAT.format(n_head), torch.float64)[0]


def test_a_single_position(attention_torch):
    """The only position has weight 1: the output is wo (wv x)."""
    got = ask(attention_torch, X[:1], WQ, WK, WV, WO, 1)
    slips = [([product(WV, X[0])], "that is wv x: wo is missing, which mixes what the heads have found")]
    want = [product(WO, product(WV, X[0]))]
    expect.close(got, want, "attention of one position, which is wo (wv x): its output", slips=slips)


def test_equal_scores_give_the_average_so_far(attention_torch):
    """With queries of 0 all scores are 0, and position t takes the average of values 0 to t."""
    got = ask(attention_torch, X, NOTHING, WK, WV, UNIT, 1)
    assert not got.isnan().any(), (
        "position 0 sees nothing at all, and 0 / 0 is nan: the diagonal of the mask stays open"
    )
    values = [product(WV, x) for x in X]

    def averages(seen, count):
        return [[sum(column) / count(i) for column in zip(*seen(i), strict=True)] for i in range(3)]

    want = averages(lambda i: values[: i + 1], lambda i: i + 1)
    slips = [
        (
            averages(lambda i: values, lambda i: 3),
            "later positions count as well: what does the mask do to their scores?",
        ),
        (
            averages(lambda i: values[: i + 1], lambda i: 3),
            "later ones are cut off after softmax: what is left of the weights does not add up to 1",
        ),
        (
            averages(lambda i: values[i:], lambda i: 3 - i),
            "earlier positions are hidden, and later ones are seen: the mask is upside down",
        ),
    ]
    expect.close(got, want, "with equal scores (suspect the mask): the outputs", slips=slips)


def test_the_first_position_sees_itself_only(attention_torch):
    """Position 0 gives wo (wv x) whatever follows it."""
    got = ask(attention_torch, X, WQ, WK, WV, WO, 1)
    expect.close(got[0], product(WO, product(WV, X[0])), "the output of position 0, which must see itself only")


def test_scores_without_a_scale(attention_torch):
    """With vectors of one number, position 1 weighs positions 0 and 1 by softmax of its query times their keys."""
    # x = 1, 2: the query of position 1 is 2 ln 3, its scores are 2 ln 3 and 4 ln 3, and its weights 1/10 and 9/10
    got = ask(attention_torch, [[1.0], [2.0]], [[math.log(3)]], [[1.0]], [[5.0]], [[-2.0]], 1)
    slips = [
        ([[-2.5], [-27.5]], "weights add up to 1 over the positions that ask: they should over those that are asked")
    ]
    what = "attention over vectors of one number, where nothing is scaled: the outputs"
    expect.close(got, [[-10.0], [-19.0]], what, slips=slips)


def test_one_head_is_scaled(attention_torch):
    """The scores are divided by the square root of the head's width, here 2."""
    # the query of position 1 is 2 ln 9 e0 and its key is e0: scores 0 and 2 ln 9, weights 1/10 and 9/10 after scaling
    wq = [[0.0, 2 * math.log(9), 0.0, 0.0], *NOTHING[:3]]
    wk = [[0.0, 1.0, 0.0, 0.0], *NOTHING[:3]]
    got = ask(attention_torch, [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], wq, wk, WV, UNIT, 1)
    want = [0.1 * first + 0.9 * second for first, second, *_ in WV]
    slips = [
        ([(first + 81 * second) / 82 for first, second, *_ in WV], "scores are not scaled"),
    ]
    what = "with one head of 4 numbers (suspect the scale, 1/sqrt(4)): the output of position 1"
    expect.close(got[1], want, what, slips=slips)


def test_one_head(attention_torch):
    """One head on all four numbers gives the right outputs."""
    with expect.no_calls(*OWN):
        got = ask(attention_torch, X, WQ, WK, WV, WO, 1)
    want = [
        [3.875, -3.0625, -0.625, 3.875],
        [0.8131823766, -1.6773920275, -1.5180301402, 2.5627924471],
        [0.3345876731, -0.9222003609, -0.9314523789, 1.6711217054],
    ]
    slips = [(outputs(1, keys_ask=True), "the keys ask, and the queries are asked: it is the other way round")]
    expect.close(got, want, WHAT.format(1), rel=1e-8, abs=1e-9, slips=slips)  # ten digits are given


def test_two_heads(attention_torch):
    """Head 0 works on numbers 0 and 1 of queries, keys and values, head 1 on numbers 2 and 3."""
    got = ask(attention_torch, X, WQ, WK, WV, WO, 2)
    want = [
        [3.875, -3.0625, -0.625, 3.875],
        [1.2094310420, -1.8692598138, -1.5128164420, 2.7749020652],
        [0.9521389708, -0.6593193685, -0.0839710239, 1.2419127004],
    ]
    slips = [
        (outputs(2, scale=2), "the scale is the root of 4: that of a head's width, 2, not of x's"),
        (
            outputs(2, dealt_out=True),
            "numbers 0 and 2 went to head 0, 1 and 3 to head 1: a head's numbers are neighbours",
        ),
    ]
    what = WHAT.format(2) + " (suspect the cutting or joining of heads)"
    expect.close(got, want, what, rel=1e-8, abs=1e-9, slips=slips)  # ten digits are given


def test_four_heads_unless_told_otherwise(attention_torch):
    """n_head is 4 when it is not given."""
    got = attention_torch.attention(tensor([X]), tensor(WQ), tensor(WK), tensor(WV), tensor(WO))
    want = [
        [3.875, -3.0625, -0.625, 3.875],
        [1.0207640031, -1.7672724343, -1.4318181000, 2.6648645178],
        [2.1470368895, -1.3646287614, 0.0409214575, 1.9004913700],
    ]
    expect.close(got, [want], "attention(x, wq, wk, wv, wo)", rel=1e-8, abs=1e-9)


def test_later_positions_change_nothing(attention_torch):
    """Another x at position 2 leaves the outputs of positions 0 and 1 as they are."""
    before = ask(attention_torch, X, WQ, WK, WV, WO, 2)
    after = ask(attention_torch, [*X[:2], [-5.0, 4.0, 9.0, 2.0]], WQ, WK, WV, WO, 2)
    expect.close(after[:2], before[:2], "after a change at position 2 only: the outputs of positions 0 and 1")
    assert not torch.equal(after[2], before[2]), "a change at position 2 must change the output of position 2"


def test_large_scores(attention_torch):
    """A later position stays hidden where its score is thousands above the others."""
    # scores are -x_t x_s: position 0 has -8100 for itself, and would have 7200 for position 1
    got = ask(attention_torch, [[90.0], [-80.0]], [[1.0]], [[-1.0]], [[1.0]], [[0.5]], 1)
    slips = [
        ([[-40.0], [45.0]], "the later position wins in spite of the mask: which score has a weight of exactly 0?")
    ]
    expect.close(got, [[45.0], [45.0]], "attention with scores of thousands: the outputs", slips=slips)


def test_the_order_of_earlier_positions(attention_torch):
    """The last position does not notice when earlier ones change places: attention knows no order."""
    before = ask(attention_torch, X, WQ, WK, WV, WO, 2)
    after = ask(attention_torch, [X[1], X[0], X[2]], WQ, WK, WV, WO, 2)
    expect.close(after[2], before[2], "after positions 0 and 1 changed places: the output of position 2")


def test_a_batch(attention_torch):
    """Each sequence of a batch is treated as if it were alone."""
    other = [[0.5, 1.0, -1.5, 2.0], [-1.0, 0.0, 2.5, 0.5], [3.0, -0.5, 1.0, 1.5]]
    matrices = [tensor(w) for w in (WQ, WK, WV, WO)]
    got = attention_torch.attention(tensor([X, other]), *matrices, n_head=2)
    expect.tensor(got, (2, 3, 4), "attention of two sequences", torch.float64)
    for i, x in enumerate((X, other)):
        alone = ask(attention_torch, x, WQ, WK, WV, WO, 2)
        expect.close(got[i], alone, f"attention of two sequences: the outputs of sequence {i}")


def test_gradients(attention_torch):
    """The gradients of x and of the matrices agree with small changes of the outputs."""
    weights = tensor([[[1.0, -0.5, 0.25, 2.0], [0.5, 1.0, -1.0, 0.0], [-2.0, 0.25, 1.0, 0.5]]])
    tensors = dict(zip(("x", "wq", "wk", "wv", "wo"), map(tensor, ([X], WQ, WK, WV, WO)), strict=True))

    def loss(changed):
        return (attention_torch.attention(*{**tensors, **changed}.values(), n_head=2) * weights).sum()

    leaves = {name: given.clone().requires_grad_() for name, given in tensors.items()}
    loss(leaves).backward()
    for name, leaf in leaves.items():
        assert leaf.grad is not None, f"no gradient reaches {name}: is something detached?"
    for name, given in tensors.items():
        direction = torch.linspace(-1, 2, given.numel(), dtype=torch.float64).reshape(given.shape)
        step = 1e-5 * direction
        change = (loss({name: given + step}) - loss({name: given - step})) / 2e-5
        # the change is off by about 1e-5 ** 2, and by rounding: 1e-15 / 1e-5
        what = f"the gradient of {name}, along a direction,"
        expect.close((leaves[name].grad * direction).sum(), change.item(), what, rel=1e-6, abs=1e-7)


def test_heads_must_share_the_width_evenly(attention_torch):
    """Vectors of 4 numbers cannot be shared out among 3 heads: ValueError."""
    given = [tensor([X]), *(tensor(w) for w in (WQ, WK, WV, WO))]
    expect.error(ValueError, "attention of 4 numbers with n_head=3", attention_torch.attention, *given, 3)


def test_float32_stays_float32(attention_torch):
    """float32 gives float32, and nothing that was given is changed."""
    given = [torch.tensor(numbers) for numbers in ([X], WQ, WK, WV, WO)]
    with expect.slip(RuntimeError, "something on the way is float64: which dtype has a new tensor, such as a mask?"):
        got = attention_torch.attention(*given, n_head=2)
    expect.tensor(got, (1, 3, 4), "attention of float32 tensors", torch.float32)
    for name, after, numbers in zip(("x", "wq", "wk", "wv", "wo"), given, ([X], WQ, WK, WV, WO), strict=True):
        expect.close(after, numbers, f"{name} afterwards")


def test_any_layout(attention_torch):
    """x may lie in memory in any order, as after a transpose."""
    x = tensor([X, [X[2], X[0], X[1]]])
    turned = x.transpose(0, 1).contiguous().transpose(0, 1)  # the same numbers, in another order in memory
    matrices = [tensor(w) for w in (WQ, WK, WV, WO)]
    want = attention_torch.attention(x, *matrices, n_head=2)
    expect.close(attention_torch.attention(turned, *matrices, n_head=2), want, "attention of a transposed x")


def test_many_positions(attention_torch):
    """Twenty positions are no more special than three."""
    numbers = [[float(t)] for t in range(20)]
    got = ask(attention_torch, numbers, [[0.0]], [[1.0]], [[2.0]], [[1.0]], 1)
    expect.close(got, numbers, "with equal scores, the averages of values 0, 2, 4, ..., 38: the outputs")
