"""Tests of 10_sampling, torch track: run them with `pytest exercises/10_sampling/test_sampling_torch.py`.

They go from one token to whole texts. Which token a random generator gives is up to you: so they look at what every
right way of drawing has in common.
"""

import math

import expect
import torch

DOCS = ["abcd"]  # a, b, c, d and BOS, which is 4
INF = math.inf


def tensor(numbers, dtype=torch.float64):
    return torch.tensor(numbers, dtype=dtype)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def draws(sampling_torch, logits, temperature, count, source, hint=""):
    """So many tokens, each of which must be an int and in its place."""
    found = [sampling_torch.sample(logits, temperature, generator=source) for _ in range(count)]
    for token in found:
        assert type(token) is int, f"sample() returned {expect.show(token)}; it must return an int"
        assert 0 <= token < len(logits), f"sample() returned {token} for {len(logits)} logits{hint}"
    return found


def state(block=5, embd=4, vocab=5, turn=0.0, size=1.5):
    """A state of fixed numbers without any pattern that matters."""
    shapes = {"wte": (vocab, embd), "wpe": (block, embd), "lm_head": (vocab, embd)}
    shapes |= {f"layer0.attn_{name}": (embd, embd) for name in ("wq", "wk", "wv", "wo")}
    shapes |= {"layer0.mlp_fc1": (4 * embd, embd), "layer0.mlp_fc2": (embd, 4 * embd)}
    made = {}
    for k, (name, (rows, columns)) in enumerate(shapes.items()):
        numbers = torch.arange(rows * columns, dtype=torch.float64) * (1.7 + 0.1 * k) + k + turn
        made[name] = (size * numbers.sin()).reshape(rows, columns).requires_grad_()
    return made


def greedy(gpt_torch, made, length, n_head=4, context=10):
    """The most likely text: each time the best token after BOS and all tokens so far, or the last ones (`context`)."""
    tokens = [4]
    while len(tokens) <= length and (len(tokens) == 1 or tokens[-1] != 4):
        with torch.no_grad():
            tokens.append(int(gpt_torch.gpt(made, torch.tensor([tokens[-context:]]), n_head)[0, -1].argmax()))
    return "".join("abcd"[i] for i in tokens if i != 4)


def softmax(logits, temperature):
    exps = [math.exp(x / temperature) for x in logits]
    return [e / sum(exps) for e in exps]


def agree(found, logits, temperature):
    """Whether these draws are as softmax(logits / temperature) says, each share within six standard deviations.

    A right sample() is off by more once in 500 million times.
    """
    shares = [found.count(token) / len(found) for token in range(len(logits))]
    allowed = [6 * math.sqrt(p * (1 - p) / len(found)) + 1 / len(found) for p in softmax(logits, temperature)]
    return all(abs(a - p) < by for a, p, by in zip(shares, softmax(logits, temperature), allowed))


def test_greedy(sampling_torch):
    """Temperature 0 gives the place of the highest logit, the first of several."""
    for logits, want in (([-3.0, -1.0, -2.0], 1), ([0.5, 2.0, -1.0, 2.0], 1), ([7.0], 0)):
        for got in draws(sampling_torch, tensor(logits), 0.0, 8, generator(1)):
            first = " (of several highest logits, the first of them)" if logits[got] == logits[want] else ""
            assert got == want, f"sample({logits}, 0.0) is {got}; {want} belongs there{first}"


def test_a_negative_temperature(sampling_torch):
    """It raises ValueError."""
    what = "sample([0.5, -1, 2], -0.5)"
    expect.error(ValueError, what, sampling_torch.sample, tensor([0.5, -1.0, 2.0]), -0.5, generator(1))


def test_how_often(sampling_torch):
    """Each token comes as often as softmax(logits / temperature) says."""
    count = 400
    for logits, temperature in (([2.0, 0.5, 1.0], 1.0), ([6.0, 0.0, 4.0], 4.0), ([0.3, 0.6, 0.0], 0.25)):
        with expect.no_calls("multinomial", "gumbel_softmax"):
            found = draws(sampling_torch, tensor(logits), temperature, count, generator(5))
        if not agree(found, logits, temperature):
            shares = ", ".join(f"{found.count(token) / count:.1%}" for token in range(len(logits)))
            right = ", ".join(f"{p:.1%}" for p in softmax(logits, temperature))
            hint = ""
            if agree(found, logits, 1.0):
                hint = "\nthat is so at a temperature of 1: logits are divided by the temperature, before softmax"
            elif agree(found, logits, 1 / temperature):
                hint = "\nthat is so where logits are multiplied by the temperature: they are divided by it"
            elif len(set(found)) == 1:
                hint = "\nit is always the same token: the likeliest is not the only one"
            what = f"of {count} draws from {logits} at temperature {temperature} the tokens are"
            raise expect.Failure(f"{what} {shares}; {right} belong there{hint}")


def test_probability_zero(sampling_torch):
    """A token of probability 0 is never drawn."""
    for dtype in (torch.float64, torch.float32):
        logits = tensor([-INF, 0.5, -INF, -5000.0, 1.0, -INF], dtype)
        found = draws(sampling_torch, logits, 1.0, 100, generator(2))
        assert set(found) <= {1, 4}, f"sample() drew {sorted(set(found) - {1, 4})}, whose probability is 0"


def test_large_logits(sampling_torch):
    """Logits of 10,000 do not overflow."""
    hint = " (e^9999 is infinite: is anything exponentiated outside softmax?)"
    found = draws(sampling_torch, tensor([1e4 - 1, -1e4, 1e4 - 1], torch.float32), 1.0, 60, generator(3), hint)
    what = "sample([9999, -10000, 9999], 1.0) must give 0 and 2"
    assert set(found) == {0, 2}, f"{what}; it gave {sorted(set(found))}{hint}"


def test_the_given_generator(sampling_torch):
    """The same state of the generator gives the same draws, and torch's own generator does not move."""
    logits, before = tensor([0.1 * math.sin(i) for i in range(50)]), torch.get_rng_state()
    first, second = (draws(sampling_torch, logits, 1.0, 10, generator(8)) for _ in range(2))
    if first != second:
        raise expect.Failure("two generators of one seed gave different draws: is the given one used?")
    assert len(set(first)) > 1, "ten draws from one generator are all the same"
    assert torch.equal(torch.get_rng_state(), before), "torch's global generator moved, although one was given"


def test_no_generator(sampling_torch):
    """Without a generator the draws come from torch's global one."""
    logits, found, before = tensor([0.1 * math.sin(i) for i in range(50)]), [], torch.get_rng_state()
    for _ in range(2):
        torch.manual_seed(9)
        found.append(draws(sampling_torch, logits, 1.0, 10, None))
    torch.set_rng_state(before)
    assert len(set(found[0])) > 1, "ten draws without a generator are all the same"
    assert found[0] == found[1], "after torch.manual_seed the same draws must come: draw from torch's global generator"


def test_the_logits_stay_as_they_are(sampling_torch):
    """sample does not change its input."""
    logits = tensor([0.5, -1.0, 2.0])
    draws(sampling_torch, logits, 0.5, 3, generator(4))
    draws(sampling_torch, logits, 0.0, 1, generator(4))
    expect.close(logits, [0.5, -1.0, 2.0], "the logits afterwards")


def test_the_whole_context(sampling_torch, gpt_torch, tokenizer_torch):
    """At temperature 0 each token is the best after BOS and everything so far; the text ends at BOS."""
    tokenizer = tokenizer_torch.Tokenizer(DOCS)
    for turn in range(8):
        made = state(turn=float(turn))
        got, want = sampling_torch.generate(made, tokenizer, temperature=0.0), greedy(gpt_torch, made, 5)
        assert type(got) is str, f"generate() returned {expect.show(got)}; it must return a str"
        if got == want:
            continue
        hint = "\nit goes on behind BOS, which ends a text" if got.startswith(want) else ""
        if got == greedy(gpt_torch, made, 5, context=1):
            hint = "\nthat is what follows from the last token alone: the model gets BOS and everything so far"
        elif len(set(got)) == 1 < len(got) and got[0] == want[:1]:
            hint = f"\n{got[0]} is what follows BOS: of the answers for all positions, which one is the last token's?"
        raise expect.Failure(f"generate(...) at temperature 0 is {got!r}; {want!r} belongs there{hint}")
    made = state(turn=3.0)
    got, want = sampling_torch.generate(made, tokenizer, 0.0, n_head=2), greedy(gpt_torch, made, 5, 2)
    what = "generate(..., n_head=2) at temperature 0"
    assert got == want, f"{what} is {got!r}; {want!r} belongs there (is n_head passed on?)"


def test_the_length(sampling_torch, gpt_torch, tokenizer_torch):
    """A text has at most min(max_len, block_size) characters."""
    tokenizer = tokenizer_torch.Tokenizer(DOCS)
    made = next(made for made in (state(turn=float(i)) for i in range(100)) if len(greedy(gpt_torch, made, 5)) == 5)
    for max_len, length in ((0, 0), (1, 1), (3, 3), (5, 5), (50, 5), (None, 5)):
        got = sampling_torch.generate(made, tokenizer, 0.0, max_len=max_len)
        want = greedy(gpt_torch, made, 5)[:length]
        zero = " (0 is a length, and `or` takes it for none)" if max_len == 0 else ""
        assert got == want, (
            f"generate(..., max_len={max_len}) with a block size of 5 is {got!r}; {want!r} belongs there{zero}"
        )


def test_texts_are_drawn(sampling_torch, tokenizer_torch):
    """A text is drawn from the given generator alone, at the given temperature."""
    tokenizer, before = tokenizer_torch.Tokenizer(DOCS), torch.get_rng_state()
    made = state(size=0.1)  # hardly any weights: every token is about as likely as the others
    texts = [sampling_torch.generate(made, tokenizer, 1.0, generator(seed)) for seed in range(12)]
    again = [sampling_torch.generate(made, tokenizer, 1.0, generator(seed)) for seed in range(12)]
    assert texts == again, "two generators with the same seed must give the same text"
    assert len(set(texts)) > 3, f"twelve seeds gave only {len(set(texts))} different texts"
    assert torch.equal(torch.get_rng_state(), before), "torch's global generator moved, although one was given"
    made = state(turn=3.0)
    cold = {sampling_torch.generate(made, tokenizer, 1e-4, generator(seed)) for seed in range(4)}
    assert cold == {sampling_torch.generate(made, tokenizer, 0.0)}, (
        "at a temperature of 0.0001 the best token is certain (is temperature passed on to sample?)"
    )


def test_the_state_stays_as_it_is(sampling_torch, tokenizer_torch):
    """generate changes no parameter and leaves no gradient."""
    made, untouched = state(), state()
    sampling_torch.generate(made, tokenizer_torch.Tokenizer(DOCS), 1.0, generator(1))
    for name, matrix in made.items():
        expect.close(matrix, untouched[name].tolist(), f"{name} afterwards")
        assert matrix.grad is None, f"generate() leaves a gradient in {name}"
        assert matrix.requires_grad, f"generate() makes {name} a tensor that requires no grad"
    assert torch.is_grad_enabled(), "generate() must leave the recording of gradients switched on"
