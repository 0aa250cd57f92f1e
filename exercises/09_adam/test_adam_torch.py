"""Tests of 09_adam, torch track: run them with `pytest exercises/09_adam/test_adam_torch.py`.

They go from one update to a whole training: the first that fails is the one to look at first. What torch's own Adam and
cross_entropy do is what yours are compared with.
"""

import itertools

import expect
import torch
import torch.nn.functional as F

DOCS = ["ab", "abcd", "dcab"]


def tensor(numbers, grad=False):
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=grad)


def parameters():
    return [tensor([1.0, -2.0, 0.5], grad=True), tensor([[0.3, -0.7]], grad=True)]


# Gradients of the two parameters in four steps, some large and some small
GRADS = [
    ([0.5, -1.0, 2.0], [[3.0, 0.1]]),
    ([50.0, 0.2, -0.3], [[-0.01, 1.0]]),
    ([-0.4, 0.7, 1e-4], [[0.6, -2.0]]),
    ([1.5, -0.2, 0.9], [[4.0, 0.8]]),
]


def give(params, grads):
    for p, numbers in zip(params, grads):
        p.grad = None if numbers is None else tensor(numbers)


def with_mistake(lr, betas, eps, steps, corrected=True, one_count=False):
    """Both parameters after each step, as an Adam leaves them that does not correct m and v, or has one t for all."""
    (b1, b2), params, found = betas, parameters(), []
    m, v, t = [0.0, 0.0], [0.0, 0.0], [0, 0]
    for number, grads in enumerate(steps, 1):
        for i, numbers in enumerate(grads):
            if numbers is not None:
                g = tensor(numbers)
                t[i] = number if one_count else t[i] + 1
                m[i], v[i] = b1 * m[i] + (1 - b1) * g, b2 * v[i] + (1 - b2) * g * g
                m_hat, v_hat = (m[i] / (1 - b1 ** t[i]), v[i] / (1 - b2 ** t[i])) if corrected else (m[i], v[i])
                params[i] = params[i].detach() - lr * m_hat / (v_hat.sqrt() + eps)
        found.append([p.tolist() for p in params])
    return found


def same_as_torch(adam_torch, settings, what, steps=GRADS):
    """The learner's Adam and torch's, step by step, with the same gradients."""
    got, want = parameters(), parameters()
    mine, own = adam_torch.Adam(got, **settings), torch.optim.Adam(want, **settings)
    uncorrected = with_mistake(**settings, steps=steps, corrected=False)
    one_count = with_mistake(**settings, steps=steps, one_count=True)
    for number, grads in enumerate(steps, 1):
        give(got, grads)
        give(want, grads)
        with expect.slip(ZeroDivisionError, "1 - b^t is 0 where t is 0: the first step has t = 1"):
            mine.step()
        own.step()
        for i in range(2):
            slips = [
                (uncorrected[number - 1][i], "m and v are used as they are: an average that starts at 0 is too small"),
                (one_count[number - 1][i], "t counts a parameter's own steps, and not those in which it was skipped"),
            ]
            expect.close(got[i], want[i].tolist(), f"parameter {i} after step {number} {what}", slips=slips)


def state(block=5, embd=4, vocab=5, turn=0.0):
    """A state of fixed numbers without any pattern that matters, far from the initial ones."""
    shapes = {"wte": (vocab, embd), "wpe": (block, embd), "lm_head": (vocab, embd)}
    shapes |= {f"layer0.attn_{name}": (embd, embd) for name in ("wq", "wk", "wv", "wo")}
    shapes |= {"layer0.mlp_fc1": (4 * embd, embd), "layer0.mlp_fc2": (embd, 4 * embd)}
    made = {}
    for k, (name, (rows, columns)) in enumerate(shapes.items()):
        numbers = torch.arange(rows * columns, dtype=torch.float64) * (1.7 + 0.1 * k) + k + turn
        made[name] = (0.8 * numbers.sin()).reshape(rows, columns).requires_grad_()
    return made


def expected_training(gpt_torch, tokenizer_torch, made, docs, num_steps, batch_size, lr, clear=True):
    """The losses of a training with torch's own Adam; `made` is trained. clear=False: gradients add up."""
    tokenizer, own, losses = tokenizer_torch.Tokenizer(docs), torch.optim.Adam(made.values(), betas=(0.85, 0.99)), []
    endless = itertools.cycle(docs)
    for step in range(num_steps):
        batch = list(itertools.islice(endless, batch_size))
        inputs, targets = tokenizer_torch.make_batch(batch, tokenizer, len(made["wpe"]))
        loss = F.cross_entropy(gpt_torch.gpt(made, inputs, 4).flatten(0, 1), targets.flatten(), ignore_index=-1)
        if clear:
            own.zero_grad()
        loss.backward()
        own.param_groups[0]["lr"] = lr * (1 - step / num_steps)
        own.step()
        losses.append(float(loss.detach()))
    return losses


# Rounding in another order, divided by a small sqrt(v_hat), leaves more than the last digits.
TRAINED = {"rel": 1e-7, "abs": 1e-9}


def test_it_is_an_optimizer(adam_torch):
    """Adam is a torch.optim.Optimizer, but not built on one of torch's own kinds."""
    made = adam_torch.Adam(parameters())
    bases = type(made).__mro__
    assert torch.optim.Optimizer in bases, "Adam() must make a torch.optim.Optimizer: name it as the base class"
    others = [
        base.__name__ for base in bases[1:] if base.__module__.startswith("torch.optim") and base.__name__[0] != "_"
    ]
    assert others == ["Optimizer"], f"Adam is built on torch.optim.{others[0]}: writing that yourself is the exercise"
    assert len(made.param_groups) == 1, "one list of parameters makes one group in param_groups"
    assert made.param_groups[0].get("lr") == 0.01, 'param_groups[0]["lr"] must be 0.01 where no rate is given'


def test_the_update_alone(adam_torch):
    """With both betas 0 an update is lr * g / (|g| + eps): no averages, no correction."""
    (p,) = made = [tensor([1.0, -2.0, 0.5], grad=True)]
    give(made, ([0.5, -1.0, 2.0],))
    with expect.no_calls("_fused_adam_", "_fused_adamw_"):
        adam_torch.Adam(made, lr=0.1, betas=(0.0, 0.0), eps=0.5).step()
    nan = "the step makes nan of its parameter: 1 - b^t is 0 where t is 0, and the first step has t = 1"
    assert not p.isnan().any(), nan
    before = ((1.0, 0.5), (-2.0, -1.0), (0.5, 2.0))  # each number and its gradient
    slips = [
        ([x for x, _ in before], "it has not moved: `p = p - ...` makes another tensor and leaves the parameter"),
        (
            [x - 0.1 * g / (g * g + 0.5) ** 0.5 for x, g in before],
            "eps stands inside the root: it is added to the root",
        ),
        ([x - 0.1 * g / (g * g + 0.5) for x, g in before], "v_hat is the average of squares: divide by its root"),
    ]
    expect.close(p, [1.0 - 0.05, -2.0 + 0.1 / 1.5, 0.5 - 0.2 / 2.5], "the parameter after one step", slips=slips)


def test_the_average_of_gradients(adam_torch):
    """m averages the gradients, and its start at 0 is corrected for."""
    same_as_torch(adam_torch, {"lr": 0.1, "betas": (0.7, 0.0), "eps": 0.3}, "(only m is an average)")


def test_the_average_of_squares(adam_torch):
    """v averages the squares of the gradients, and its start at 0 is corrected for."""
    same_as_torch(adam_torch, {"lr": 0.1, "betas": (0.0, 0.8), "eps": 0.3}, "(only v is an average)")


def test_the_defaults(adam_torch):
    """lr is 0.01, betas are (0.85, 0.99), eps is 1e-8."""
    got, want = parameters(), parameters()
    mine, own = adam_torch.Adam(got), torch.optim.Adam(want, lr=0.01, betas=(0.85, 0.99), eps=1e-8)
    for grads in [*GRADS, ([1e-8, -3e-8, 2e-8], [[1e-8, 5e-8]])]:
        give(got, grads)
        give(want, grads)
        mine.step()
        own.step()
    expect.close(got[0], want[0].tolist(), "a parameter after five steps with the default settings")


def test_parameter_groups(adam_torch):
    """A group's own settings come first, and what it does not name is what Adam was given."""
    got, want, alike = parameters(), parameters(), parameters()
    own = ({"lr": 0.2, "eps": 0.4}, {"betas": (0.5, 0.6)})
    for params, kind, settings in (
        (got, adam_torch.Adam, own),
        (want, torch.optim.Adam, own),
        (alike, torch.optim.Adam, ({}, {})),
    ):
        groups = [{"params": [params[i]], **settings[i]} for i in range(2)]
        made = kind(groups, lr=0.05, betas=(0.7, 0.8), eps=0.1)
        for grads in GRADS:
            give(params, grads)
            made.step()
    for i in range(2):
        slips = [(alike[i].tolist(), "Adam's own settings are used for all groups: the group's own come first")]
        expect.close(got[i], want[i].tolist(), f"the parameter of group {i}, which has {own[i]}", slips=slips)


def test_a_parameter_without_gradient(adam_torch):
    """It is skipped, and its own count of steps stands still."""
    some = [(None, GRADS[0][1]), (None, GRADS[1][1]), GRADS[2], GRADS[3]]
    same_as_torch(
        adam_torch, {"lr": 0.1, "betas": (0.7, 0.9), "eps": 0.1}, "(parameter 0 has none in steps 1, 2)", some
    )


def test_a_rate_for_one_step(adam_torch):
    """step(lr) uses this rate once, and 0.0 is one too; after it the group's own holds."""
    got, want = parameters(), parameters()
    mine, own = adam_torch.Adam(got, lr=0.1), torch.optim.Adam(want, lr=0.1, betas=(0.85, 0.99))
    for grads, rate in zip(GRADS, (None, 0.5, 0.0, None)):
        give(got, grads)
        give(want, grads)
        before = got[0].tolist()
        mine.step() if rate is None else mine.step(rate)
        own.param_groups[0]["lr"] = 0.1 if rate is None else rate
        own.step()
        if rate == 0.0 and got[0].tolist() != before:
            raise expect.Failure("step(0.0) has moved the parameter: 0.0 is a rate too, and `or` takes it for none")
        expect.close(got[0], want[0].tolist(), f"the parameter after step({'' if rate is None else rate})")
        stays = f"after step({rate}) the group's rate is another: a rate given to step counts for that step only"
        assert mine.param_groups[0]["lr"] == 0.1, stays
    mine.param_groups[0]["lr"] = 0.0
    before = got[0].tolist()
    mine.step()
    expect.close(got[0], before, 'the parameter after a step with param_groups[0]["lr"] set to 0.0')


def test_the_tensors_stay_what_they_are(adam_torch):
    """A step changes the numbers of the leaf tensors it was given, and no gradient; float32 stays float32."""
    p = torch.tensor([1.0, -2.0], requires_grad=True)
    made = adam_torch.Adam(p for p in [p])
    p.grad = torch.tensor([0.5, 3.0])
    made.step()
    expect.close(p.grad, [0.5, 3.0], "its gradient after a step, which may read it and not write")
    made.step()
    assert made.param_groups[0]["params"][0] is p, "the optimizer must hold the tensor it was given, not a copy"
    assert p.is_leaf, "after a step the parameter must still be a leaf: update it in place, where nothing is recorded"
    assert p.requires_grad, "after a step the parameter must still require grad"
    expect.tensor(p, (2,), "the parameter", torch.float32)
    expect.close(p, [0.98, -2.02], "the parameter after two steps with one gradient", rel=1e-5)
    made.zero_grad()
    assert p.grad is None or not p.grad.any(), "zero_grad must clear the gradients"


def test_linear_decay(adam_torch):
    """The rate falls on a straight line: lr * (1 - step / num_steps)."""
    got = [adam_torch.linear_decay(0.4, step, 4) for step in range(4)]
    slips = [([0.3, 0.2, 0.1, 0.0], "step 0 has the full rate, and the last rate is lr / num_steps, not 0")]
    expect.close(got, [0.4, 0.3, 0.2, 0.1], "linear_decay(0.4, step, 4) of steps 0 to 3", slips=slips)


def test_the_loss_of_a_batch(adam_torch, gpt_torch):
    """batch_loss is the mean over all targets that are not -1, however many a row has."""
    inputs = torch.tensor([[4, 0, 1, 2, 3], [4, 3, 4, 4, 4], [4, 1, 0, 4, 4]])
    targets = torch.tensor([[0, 1, 2, 3, 4], [3, 4, -1, -1, -1], [1, 0, 4, -1, -1]])
    for made, heads in ((state(), {}), (state(turn=2.0), {"n_head": 2})):
        got = expect.tensor(adam_torch.batch_loss(made, inputs, targets, **heads), (), "batch_loss()", torch.float64)
        logits = gpt_torch.gpt(made, inputs, heads.get("n_head", 4)).flatten(0, 1)
        want = F.cross_entropy(logits, targets.flatten(), ignore_index=-1)
        each = F.cross_entropy(logits, targets.flatten(), ignore_index=-1, reduction="none").reshape(3, 5)
        to_the_end = torch.where(targets == -1, inputs, targets).flatten()
        with_4 = F.cross_entropy(gpt_torch.gpt(made, inputs, 4).flatten(0, 1), targets.flatten(), ignore_index=-1)
        slips = [
            (
                (each.sum(1) / (targets != -1).sum(1)).mean().item(),
                "that is the mean of the rows' means: a target counts the same, however long its row",
            ),
            (F.cross_entropy(logits, to_the_end).item(), "the places that are -1 have no answer: they do not count"),
            (with_4.item(), "that is the loss with 4 heads: is n_head passed on?"),
        ]
        expect.close(got, want.item(), f"batch_loss with {heads or 'the default heads'}", slips=slips)
        assert got.requires_grad, "batch_loss() is not connected to the state: no gradient can reach it"
        found = torch.autograd.grad(got, [made["wte"], made["lm_head"]])
        for name, gradient, right in zip(
            ("wte", "lm_head"), found, torch.autograd.grad(want, [made["wte"], made["lm_head"]])
        ):
            expect.close(gradient, right.tolist(), f"the gradient of batch_loss by {name}")


def test_losses_of_training(adam_torch, gpt_torch, tokenizer_torch):
    """train returns each step's loss as a float, for one name a step; the state's block size cuts long names."""
    for block in (5, 3):
        want = expected_training(gpt_torch, tokenizer_torch, state(block), DOCS, 5, 1, 0.01)
        kept = expected_training(gpt_torch, tokenizer_torch, state(block), DOCS, 5, 1, 0.01, clear=False)
        slips = [(kept, "from step 1 on the gradients of earlier steps are still there: backward adds to them")]
        with expect.slip(
            IndexError, "how many positions a batch may have is the state's affair: wpe has a row for each"
        ):
            got = adam_torch.train(state(block), DOCS, tokenizer_torch.Tokenizer(DOCS), 5)
        expect.close(got, want, f"train(...) with a block size of {block}", **TRAINED, slips=slips)
    got = adam_torch.train(state(), DOCS, tokenizer_torch.Tokenizer(DOCS), 0)
    expect.close(got, [], "train(...) for 0 steps")


def test_documents_of_each_step(adam_torch, gpt_torch, tokenizer_torch):
    """A step takes the next batch_size documents and begins again after the last one."""
    docs = ["ab", "abcd", "dcab", "c", "bd"]
    want = expected_training(gpt_torch, tokenizer_torch, state(), docs, 4, 3, 0.05)
    got = adam_torch.train(state(), docs, tokenizer_torch.Tokenizer(docs), 4, batch_size=3, lr=0.05)
    overlapping = [docs[(step + i) % 5] for step in range(4) for i in range(3)]
    overlapping = expected_training(gpt_torch, tokenizer_torch, state(), overlapping, 4, 3, 0.05)
    slips = [(overlapping, "step 1 begins with the second document: it takes the next batch_size documents")]
    expect.close(got, want, "train(...) with a batch_size of 3", **TRAINED, slips=slips)
    assert docs == ["ab", "abcd", "dcab", "c", "bd"], "train must not change the list of documents"


def test_parameters_after_training(adam_torch, gpt_torch, tokenizer_torch):
    """train changes the state's own tensors, with a rate that falls linearly."""
    want, got = state(), state()
    before = dict(got)
    expected_training(gpt_torch, tokenizer_torch, want, DOCS, 4, 2, 0.02)
    adam_torch.train(got, DOCS, tokenizer_torch.Tokenizer(DOCS), 4, 2, 0.02)
    for name in want:
        assert got[name] is before[name], f"the state must keep its own tensor {name}"
        expect.close(got[name], want[name].tolist(), f"{name} after training", **TRAINED)


def test_on_step(adam_torch, tokenizer_torch):
    """on_step(step, loss) is called after every update."""
    made, seen = state(), []

    def on_step(step, loss):
        seen.append((step, loss, made["wte"].tolist()))

    first = made["wte"].tolist()
    losses = adam_torch.train(made, DOCS, tokenizer_torch.Tokenizer(DOCS), 3, on_step=on_step)
    assert [step for step, _, _ in seen] == [0, 1, 2], (
        "on_step must be called with the steps 0, 1, 2 in a training of 3"
    )
    expect.close([loss for _, loss, _ in seen], losses, "the losses that on_step is called with")
    assert seen[0][2] != first, "on_step must be called after the update of its step"
    expect.close(seen[-1][2], made["wte"].tolist(), "wte at the last call of on_step, compared with the end")
