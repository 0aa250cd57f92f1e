"""Speed and memory of the solutions' training, as ratios of one run.

    python tests/bench/training.py [--steps 60] [--rounds 5] [--long 1000] [--names FILE]

In each round the solutions and what they are compared with (`original.py`) train the same steps from the same numbers,
one right after the other, in CPU seconds; the median round is the one to quote. The losses must be equal: to 1e-9 in
the pure track, to float32 in torch. Memory: the peak of the pure training after a tenth of the long run and at its end.
Held-out loss (torch, batches of 32, one thread): with --names FILE, the full list.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import original

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", type=int, default=1000, help="steps of the pure training whose memory is measured")
    parser.add_argument("--names", type=Path, help="the full list of names, for the held-out loss")
    options = parser.parse_args()
    sys.path += [str(step) for step in sorted((ROOT / "solutions").iterdir())]
    memory(options.long)
    pure(options.steps, options.rounds)
    tensors(5 * options.steps, options.rounds)
    if options.names:
        held_out(options.names)


def start() -> tuple[list[str], dict, list[list[int]]]:
    """The bundled names, shuffled; the initial numbers; the names as token ids."""
    import embedding
    import tokenizer

    docs = tokenizer.load_docs(ROOT / "exercises" / "data" / "names.txt")
    rng = random.Random(42)
    rng.shuffle(docs)
    tok = tokenizer.Tokenizer(docs)
    state = embedding.init_state(tok.vocab_size, rng=rng)
    numbers = {name: [[p.data for p in row] for row in rows] for name, rows in state.items()}
    return docs, numbers, [tok.encode(doc) for doc in docs]


def values(numbers: dict) -> dict:
    from value import Value

    return {name: [[Value(x) for x in row] for row in rows] for name, rows in numbers.items()}


def seconds(training: Callable[[], list[float]]) -> tuple[float, list[float]]:
    """CPU seconds of a training, and its losses."""
    began = time.process_time()
    losses = training()
    return time.process_time() - began, losses


def told(generator) -> list[float]:
    return [loss for loss, _ in generator]


def compare(name: str, rounds: int, steps: int, theirs: Callable, ours: Callable, within: float) -> None:
    """Print each round's milliseconds a step and their ratio; the losses must be `within` each other."""
    theirs(), ours()  # once for what is done at the first call only
    ratios = []
    for number in range(1, rounds + 1):
        (a, one), (b, other) = seconds(theirs), seconds(ours)
        apart = max(abs(x - y) for x, y in zip(one, other, strict=True))
        assert apart <= within, f"the losses are {apart} apart"
        ratios.append(a / b)
        line = f"{name} round {number}: {1000 * a / steps:8.2f} ms a step, ours {1000 * b / steps:8.2f}"
        print(f"{line}, ratio {a / b:.2f} (losses {apart:.0e} apart)", flush=True)
    print(f"{name} median ratio: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def pure(steps: int, rounds: int) -> None:
    import adam
    import tokenizer

    docs, numbers, ids = start()
    compare(
        "pure, original structure:",
        rounds,
        steps,
        lambda: told(original.scalar(numbers, ids, steps)),
        lambda: adam.train(values(numbers), docs, tokenizer.Tokenizer(docs), steps),
        1e-9,
    )


def tensors(steps: int, rounds: int) -> None:
    import adam_torch
    import tokenizer_torch
    import torch

    torch.set_num_threads(1)
    docs, numbers, _ = start()
    tok = tokenizer_torch.Tokenizer(docs)
    for batch in (1, 32):

        def ours(batch: int = batch) -> list[float]:
            state = {name: torch.tensor(rows, requires_grad=True) for name, rows in numbers.items()}
            return adam_torch.train(state, docs, tok, steps, batch)

        def theirs(batch: int = batch) -> list[float]:
            return told(original.functional(numbers, docs, tok.chars, steps, batch))

        # float32 holds seven digits, and Adam enlarges what is lost from step to step
        compare(f"torch, functional form, {batch} a step:", rounds, steps, theirs, ours, 1e-2)


def memory(steps: int) -> None:
    """The peak of the process's memory, which a graph that is not freed would push up by some 14 MB a step."""
    import adam
    import tokenizer

    docs, numbers, _ = start()
    peaks = []

    def on_step(step: int, loss: float) -> None:
        if step + 1 in (steps // 10, steps):
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    adam.train(values(numbers), docs, tokenizer.Tokenizer(docs), steps, on_step=on_step)
    print(f"memory of the pure training: {peaks[0]:.1f} MiB after {steps // 10} steps, {peaks[1]:.1f} after {steps}")


def held_out(file: Path) -> None:
    """Loss on 2,000 names that were not trained on, after 300 steps of 32 names."""
    import adam_torch
    import embedding_torch
    import tokenizer_torch
    import torch

    docs = tokenizer_torch.load_docs(file)
    random.Random(42).shuffle(docs)
    others, docs = docs[:2000], docs[2000:]
    tok = tokenizer_torch.Tokenizer([*docs, *others])
    for seed in range(3):
        state = embedding_torch.init_state(tok.vocab_size, generator=torch.Generator().manual_seed(seed))
        taken, _ = seconds(lambda state=state: adam_torch.train(state, docs, tok, 300, batch_size=32))
        with torch.no_grad():
            loss = adam_torch.batch_loss(state, *tokenizer_torch.make_batch(others, tok)).item()
        print(f"torch, 300 steps of 32 names, seed {seed}: held-out loss {loss:.3f} after {taken:.2f} CPU seconds")


if __name__ == "__main__":
    main()
