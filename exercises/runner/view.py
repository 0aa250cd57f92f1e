"""What training looks like: a progress bar while it runs, a picture of the loss when it is done.

Used by microgpt.py. May import the standard library; rich and matplotlib where they are installed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path


def progress(run):
    """What shows how far training is: a bar in a terminal, a line every tenth elsewhere."""
    try:
        from rich.console import Console
    except ImportError:
        return Lines(run)
    return Bar(run) if Console().is_terminal else Lines(run)


class Bar:
    """rich's progress bar, with the mean loss of the last 100 steps and the time that is left."""

    def __init__(self, run):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        loss = TextColumn("loss {task.fields[loss]}")
        self.progress = Progress("training", BarColumn(), MofNCompleteColumn(), loss, TimeRemainingColumn())
        self.task = self.progress.add_task("", total=run.settings["steps"], completed=run.done, loss="")

    def __enter__(self):
        self.progress.start()
        return lambda losses: self.progress.update(self.task, completed=len(losses), loss=f"{mean(losses[-100:]):.3f}")

    def __exit__(self, *_):
        self.progress.stop()


class Lines:
    """A line every tenth of the way."""

    def __init__(self, run):
        self.total, self.first, self.start = run.settings["steps"], run.done, time.monotonic()

    def __enter__(self):
        return self.show

    def __exit__(self, *_):
        pass

    def show(self, losses):
        done = len(losses)
        if done * 10 // self.total > (done - 1) * 10 // self.total:
            left = (time.monotonic() - self.start) / (done - self.first) * (self.total - done)
            print(f"step {done:,} of {self.total:,}, loss {mean(losses[-100:]):.3f}, {left:.0f} s left", flush=True)


def draw(losses, vocab_size, file):
    """The loss curve as a picture. False: matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(range(1, len(losses) + 1), losses, color="#9db4d0", linewidth=0.6, label="each step")
    smooth = [mean(losses[max(0, i - 99) : i + 1]) for i in range(len(losses))]
    axes.plot(range(1, len(losses) + 1), smooth, color="#1f4e8c", linewidth=1.8, label="mean of the last 100")
    guess = math.log(vocab_size)
    label = f"knowing nothing: ln {vocab_size} = {guess:.2f}"
    axes.axhline(guess, color="#b0522d", linewidth=1, linestyle="--", label=label)
    axes.set(xlabel="step", ylabel="loss (nats per character)", title="Training loss", ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(file, dpi=120)
    return True


def mean(numbers):
    return sum(numbers) / len(numbers)
