"""Tests of 09_adam, pure track: run them with `pytest exercises/09_adam/test_adam.py`.

First Adam alone, on numbers whose gradients are written down; then the rate; then the loss of a document, on a model
whose probabilities are written down; then training. No test waits for a loss to fall: it does that with mistakes too.
"""

import math

import expect
import pytest

# The probability of the next token (a, b, BOS) after a, after b and after BOS, in a model that looks at nothing else.
AFTER = [[0.125, 0.625, 0.25], [0.5, 0.25, 0.25], [0.75, 0.125, 0.125]]
BOS = 2
PEAK = 1 / math.sqrt(1 / 4 + 1e-5)  # what rmsnorm makes of the 1 in a vector such as (0, 1, 0, 0)


@pytest.fixture
def numbers(value):
    """A list of Values from plain numbers."""
    return lambda *data: [value.Value(x) for x in data]


@pytest.fixture
def table(value):
    """A state whose logits are ln AFTER[token]: token embeddings say which token it is, and all layers say nothing."""

    def build(layers=1, block_size=3):
        matrices = {
            "wte": [[1.0 if i == token else 0.0 for i in range(4)] for token in range(3)],
            "wpe": [[0.0] * 4 for _ in range(block_size)],
            "lm_head": [[*(math.log(AFTER[token][i]) / PEAK for token in range(3)), 0.0] for i in range(3)],
        }
        for layer in range(layers):
            matrices |= {
                f"layer{layer}.attn_{name}": [[0.0] * 4 for _ in range(4)] for name in ("wq", "wk", "wv", "wo")
            }
            matrices[f"layer{layer}.mlp_fc1"] = [[0.0] * 4 for _ in range(16)]
            matrices[f"layer{layer}.mlp_fc2"] = [[0.0] * 16 for _ in range(4)]
        return as_values(value, matrices)

    return build


@pytest.fixture
def waves(value):
    """A state in which everything matters, with numbers between -0.7 and 0.7."""

    def build(layers=1):
        shapes = {"wte": (3, 4), "wpe": (3, 4), "lm_head": (3, 4)}
        for layer in range(layers):
            shapes |= {f"layer{layer}.attn_{name}": (4, 4) for name in ("wq", "wk", "wv", "wo")}
            shapes |= {f"layer{layer}.mlp_fc1": (16, 4), f"layer{layer}.mlp_fc2": (4, 16)}
        matrices = {}
        for m, (name, (rows, columns)) in enumerate(shapes.items()):
            matrices[name] = [
                [0.7 * math.sin(2 + 3 * m + 4 * r * c + 5 * c + r * r) for c in range(columns)] for r in range(rows)
            ]
        return as_values(value, matrices)

    return build


def as_values(value, matrices):
    """Matrices of plain numbers as a state."""
    return {name: [[value.Value(x) for x in row] for row in matrix] for name, matrix in matrices.items()}


def step(optimizer, params, gradients, **rate):
    """One step with these gradients, and the numbers after it."""
    for p, g in zip(params, gradients, strict=True):
        p.grad = g
    optimizer.step(**rate)
    return expect.values(params, len(params), "the list of parameters")


def mean(losses):
    """Their mean."""
    return sum(losses) / len(losses)


# Adam


def test_first_step(adam, numbers):
    """The first step moves each parameter by lr against the sign of its gradient, however large that is."""
    start, gradients = [1.0, -2.0, 0.5, 3.0], [2.0, -300.0, 0.04, 0.0]
    params = numbers(*start)
    with expect.slip(ZeroDivisionError, "1 - b^t is 0 where t is 0: the first step has t = 1"):
        got = step(adam.Adam(params, lr=0.1), params, gradients)

    def moved(move):
        return [p - 0.1 * move(t, g) for t, (p, g) in enumerate(zip(start, gradients, strict=True), 1)]

    slips = [
        (
            moved(lambda t, g: 0.15 * g / (0.1 * abs(g) + 1e-8)),
            "1.5 times lr: m and v start at 0, and 1 - b^t is for that",
        ),
        (moved(lambda t, g: g), "each has moved by lr times the gradient: that is not Adam yet"),
        (moved(lambda t, g: g / (g * g + 1e-8)), "v_hat is the average of squares: a root is missing"),
        (
            moved(lambda t, g: 0.15 * g / (1 - 0.85**t) / (0.1 * abs(g) / math.sqrt(1 - 0.99**t) + 1e-8)),
            "only the first has moved by lr: is t, which counts steps, one count for all parameters?",
        ),
    ]
    # at t = 1 the corrections make m_hat = g and v_hat = g * g; abs: eps takes 1e-8 / 0.04 of the third move
    what = "the parameters after one step of Adam, gradients 2, -300, 0.04, 0"
    expect.close(got, [0.9, -1.9, 0.4, 3.0], what, abs=1e-7, slips=slips)


def test_second_step(adam, numbers):
    """m and v remember the first gradient, and their corrections know that t is 2."""
    params = numbers(1.0)
    optimizer = adam.Adam(params)
    step(optimizer, params, [2.0])
    got = step(optimizer, params, [-1.0])
    m_hat = (0.85 * 0.15 * 2 + 0.15 * -1) / (1 - 0.85**2)
    v_hat = (0.99 * 0.01 * 4 + 0.01 * 1) / (1 - 0.99**2)
    forgotten = 0.15 * -1 / (1 - 0.85**2)
    slips = [
        ([0.99 - 0.01 * forgotten / math.sqrt(v_hat)], "the first gradient is not in m: it remembers b1 of itself")
    ]
    want = [0.99 - 0.01 * m_hat / math.sqrt(v_hat)]
    expect.close(got, want, "a parameter after gradients of 2 and -1", abs=1e-7, slips=slips)


def test_a_steady_gradient(adam, numbers):
    """While gradients stay the same, every step is of size lr: 5 steps, 5 times lr."""
    params = numbers(1.0, 2.0)
    optimizer = adam.Adam(params)
    for _ in range(5):
        got = step(optimizer, params, [0.5, -3.0])
    expect.close(got, [0.95, 2.05], "the parameters after 5 steps with gradients 0.5 and -3", abs=1e-7)


def test_settings(adam, numbers):
    """lr, betas and eps have their places: eps is added to the root, after the correction."""
    params = numbers(1.0)
    optimizer = adam.Adam(params, lr=0.2, betas=(0.5, 0.75), eps=0.5)
    got = step(optimizer, params, [2.0])
    slips = [([1 - 0.2 * 2 / math.sqrt(4 + 0.5)], "eps stands inside the root here: it is added to the root")]
    what = "a parameter after a gradient of 2, with lr=0.2 and eps=0.5"
    expect.close(got, [1 - 0.2 * 2 / (2 + 0.5)], what, slips=slips)
    m_hat = (0.5 * 1 + 0.5 * 4) / (1 - 0.5**2)  # m was 1
    v_hat = (0.75 * 1 + 0.25 * 16) / (1 - 0.75**2)  # v was 1
    want = got[0] - 0.2 * m_hat / (math.sqrt(v_hat) + 0.5)
    got = step(optimizer, params, [4.0])
    expect.close(got, [want], "a parameter after gradients of 2 and 4, with betas=(0.5, 0.75) and eps=0.5")


def test_parameters_are_changed_in_place(adam, numbers):
    """The model holds the same Values before and after: step changes their data."""
    params = numbers(1.0)
    kept = params[0]
    step(adam.Adam(params), params, [2.0])
    expect.close(kept.data, 0.99, "the Value that the model holds, after one step", abs=1e-7)
    assert len(kept._children) == 0, "the Value has children after step(): a parameter must stay a leaf"


def test_a_rate_for_one_step(adam, numbers):
    """A rate given to step counts for this step only, and 0.0 is a rate too."""
    params = numbers(1.0)
    optimizer = adam.Adam(params, lr=0.1)
    expect.close(step(optimizer, params, [2.0], lr=0.3), [0.7], "a parameter after step(lr=0.3)", abs=1e-7)
    got, slips = step(optimizer, params, [2.0], lr=0.0), [([0.6], "0.0 is a rate too, and `or` takes it for none")]
    expect.close(got, [0.7], "a parameter after step(lr=0.0)", abs=1e-7, slips=slips)
    got, slips = step(optimizer, params, [2.0]), [([0.7], "a rate that is given to step counts for that step only")]
    expect.close(got, [0.6], "a parameter after step(), with lr=0.1", abs=1e-7, slips=slips)


def test_a_step_at_rate_0_counts(adam, numbers):
    """At a rate of 0.0 nothing moves, but m, v and t go on."""
    params = numbers(1.0)
    optimizer = adam.Adam(params)
    step(optimizer, params, [2.0], lr=0.0)
    got = step(optimizer, params, [-1.0])
    m_hat = (0.85 * 0.15 * 2 + 0.15 * -1) / (1 - 0.85**2)
    v_hat = (0.99 * 0.01 * 4 + 0.01 * 1) / (1 - 0.99**2)
    expect.close(got, [1 - 0.01 * m_hat / math.sqrt(v_hat)], "a parameter after step(lr=0.0) and step()", abs=1e-7)


def test_momentum(adam, numbers):
    """A parameter moves on, in the same direction, while its gradient is 0."""
    params = numbers(1.0)
    optimizer = adam.Adam(params)
    first = step(optimizer, params, [2.0])[0]
    assert step(optimizer, params, [0.0])[0] < first, "with a gradient of 0 the parameter stopped: m remembers the last"


def test_two_optimizers(adam, numbers):
    """Two optimizers share nothing: each has its own m, v and t."""
    one, other = numbers(1.0), numbers(1.0, 2.0)
    first, second = adam.Adam(one), adam.Adam(other)
    for _ in range(3):
        step(first, one, [-5.0])
    got = step(second, other, [2.0, 0.1])
    expect.close(got, [0.99, 1.99], "parameters after the first step of a second optimizer", abs=1e-7)


def test_zero_grad(adam, numbers):
    """zero_grad sets every gradient to 0, and leaves the parameters and the averages alone."""
    params = numbers(1.0, 2.0)
    optimizer = adam.Adam(params)
    step(optimizer, params, [2.0, 0.5])
    optimizer.zero_grad()
    expect.close([p.grad for p in params], [0.0, 0.0], "the gradients after zero_grad()")
    got = step(optimizer, params, [2.0, 0.5])
    expect.close(got, [0.98, 1.98], "the parameters after step(), zero_grad(), step()", abs=1e-7)


def test_linear_decay(adam):
    """The rate falls in a straight line from lr to lr / num_steps."""
    got = [adam.linear_decay(0.8, step, 4) for step in range(4)]
    slips = [
        ([0.8 * (1 - i / 3) for i in range(4)], "it arrives at 0 a step too early: the last rate is lr / num_steps")
    ]
    expect.close(got, [0.8, 0.6, 0.4, 0.2], "linear_decay(0.8, step, 4) for steps 0, 1, 2, 3", slips=slips)


# The loss of a document


def test_doc_loss(adam, table):
    """doc_loss is the mean of -ln p of every next token, from the first letter to the BOS at the end."""
    loss = adam.doc_loss(table(), [BOS, 0, 1, BOS])
    want = mean([-math.log(0.75), -math.log(0.625), -math.log(0.25)])  # a after BOS, b after a, BOS after b
    itself = mean([-math.log(0.125), -math.log(0.125), -math.log(0.25)])  # BOS after BOS, a after a, b after b
    slips = [
        (3 * want, "the losses are added up: their mean is asked for"),
        (itself, "each token is asked to predict itself: the target is the token that follows"),
    ]
    expect.close(expect.value(loss, "doc_loss of ab"), want, "doc_loss of ab", slips=slips)


def test_doc_loss_of_a_long_document(adam, table):
    """Only the first block_size positions count; with exactly as many letters, the BOS at the end is one too many."""
    losses = [-math.log(0.75), -math.log(0.625), -math.log(0.5), -math.log(0.125)]  # of a, b, a, a
    for doc, tokens in (("aba", [BOS, 0, 1, 0, BOS]), ("abaa", [BOS, 0, 1, 0, 0, BOS])):
        what = f"doc_loss of {doc}, block_size 3,"
        expect.close(expect.value(adam.doc_loss(table(), tokens), what), mean(losses[:3]), what)
    what = "doc_loss of abaa, block_size 4,"
    loss = adam.doc_loss(table(block_size=4), [BOS, 0, 1, 0, 0, BOS])
    expect.close(expect.value(loss, what), mean(losses), what)


def test_doc_loss_of_a_whole_model(adam, waves):
    """Attention over the letters so far, all heads and all layers take part in the loss."""
    for layers, n_head, want in WAVES:
        what = f"doc_loss of ba, {layers} layers, {n_head} heads,"
        loss = adam.doc_loss(waves(layers), [BOS, 1, 0, BOS], n_head=n_head)
        expect.close(expect.value(loss, what), want, what)


def test_doc_loss_can_be_asked_again(adam, waves):
    """Each document begins with nothing to look back at: the same question has the same answer."""
    state = waves(2)
    first, second = (expect.value(adam.doc_loss(state, [BOS, 1, 0, BOS]), "doc_loss of ba") for _ in range(2))
    expect.close(second, first, "the second doc_loss of the same document")


def test_gradients_of_doc_loss(adam, backward, table):
    """The gradient by a logit is its probability, minus 1 if its token came, divided by the number of positions."""
    state = table()
    backward.backward(adam.doc_loss(state, [BOS, 0, BOS]))
    got = [[weight.grad / PEAK for weight in row] for row in state["lm_head"]]
    p = AFTER
    want = [  # one row for each logit; columns: after a, after b (which was not read), after BOS, always 0
        [p[0][0] / 2, 0.0, (p[BOS][0] - 1) / 2, 0.0],
        [p[0][1] / 2, 0.0, p[BOS][1] / 2, 0.0],
        [(p[0][2] - 1) / 2, 0.0, p[BOS][2] / 2, 0.0],
    ]
    expect.close(got, want, "the gradients of doc_loss of a, by lm_head")


# Training


def test_documents_take_turns(adam, tokenizer, table):
    """Step s reads docs[s % len(docs)]. At a rate of 0 nothing is learnt, so their losses come round again."""
    got = adam.train(table(), ["ab", "b"], tokenizer.Tokenizer(["ab"]), 5, lr=0.0)
    ab = mean([-math.log(0.75), -math.log(0.625), -math.log(0.25)])
    b = mean([-math.log(0.125), -math.log(0.25)])
    slips = [([ab] * 5, "that is the first document every time: step s has docs[s % len(docs)]")]
    expect.close(got, [ab, b, ab, b, ab], "the losses of 5 steps with lr=0.0 on ab and b", slips=slips)


def test_first_update_of_training(adam, tokenizer, table):
    """A training of one step moves each parameter that has a gradient by lr, against its sign."""
    state = table()
    before = [[weight.data for weight in row] for row in state["lm_head"]]
    losses = adam.train(state, ["a"], tokenizer.Tokenizer(["ab"]), 1, lr=0.1)
    moves = [
        [after.data - b for after, b in zip(*rows, strict=True)] for rows in zip(state["lm_head"], before, strict=True)
    ]
    want = [[-0.1, 0.0, 0.1, 0.0], [-0.1, 0.0, -0.1, 0.0], [0.1, 0.0, -0.1, 0.0]]
    expect.close(moves, want, "how lm_head moved in one step on a, with lr=0.1", abs=1e-7)
    expect.close(losses, [mean([-math.log(0.75), -math.log(0.25)])], "the loss of that step, from before its update")


def test_losses_of_training(adam, tokenizer, waves):
    """Each step continues from the last, with a rate that falls and gradients that begin at 0."""
    got = adam.train(waves(), ["ba", "a", "abba"], tokenizer.Tokenizer(["ab"]), 4, lr=0.05)
    # abs: an update divides by the root of v, which magnifies rounding where a gradient is small
    expect.close(got, LOSSES, "the losses of 4 steps with lr=0.05 on ba, a and abba", abs=1e-7)


def test_parameters_after_training(adam, tokenizer, waves):
    """train changes the numbers in the state that it is given."""
    state = waves()
    adam.train(state, ["ba", "a", "abba"], tokenizer.Tokenizer(["ab"]), 4, lr=0.05)
    for name, want in PARAMETERS.items():
        expect.close(
            [weight.data for weight in state[name][0]], want, f"the first row of {name} after 4 steps", abs=1e-7
        )


def test_no_steps(adam, tokenizer, table):
    """No steps, no losses."""
    expect.close(adam.train(table(), ["ab"], tokenizer.Tokenizer(["ab"]), 0), [], "the losses of 0 steps")


def test_on_step(adam, tokenizer, table):
    """on_step is called after each update, with the number of the step (from 0) and its loss."""
    state, calls, seen = table(), [], []
    weight = state["lm_head"][0][BOS]
    start = weight.data

    def on_step(step, loss):
        calls.append([step, loss])
        seen.append(weight.data)

    losses = adam.train(state, ["a"], tokenizer.Tokenizer(["ab"]), 2, lr=0.1, on_step=on_step)
    assert type(losses) is list, "train() must return a list of float"
    expect.close(calls, [[step, loss] for step, loss in enumerate(losses)], "what on_step was told")
    expect.close(seen[:1], [start + 0.1], "a parameter that on_step saw after the first step", abs=1e-7)
    expect.close(seen[1:], [weight.data], "a parameter that on_step saw after the last step")


# Numbers worked out once, with the model of `waves`.

WAVES = (  # layers, heads, doc_loss
    (1, 4, 2.54309309505),
    (1, 1, 2.55931801418),
    (2, 2, 3.52313640592),
)
LOSSES = [2.54309309505, 4.47757054229, 2.64139070205, 1.3571557372]
PARAMETERS = {  # the first row of each
    "wte": [0.645271016521, 0.563406396213, -0.273798712937, -0.664081366432],
    "wpe": [-0.562674222879, -0.380589460784, 0.458311451542, 0.644008601521],
    "lm_head": [0.571131314236, 0.183430809736, -0.410598490123, -0.48553149623],
    "layer0.attn_wq": [-0.594578009165, -0.288014586507, 0.666466208775, 0.432148245948],
    "layer0.mlp_fc1": [-0.571206397361, 0.165980034282, 0.719149687809, 0.228315177659],
}
