"""Your own GPT: trains it, lets it invent names, and puts your ten modules into one file.

    python microgpt.py status                run all tests, and show where you are and what comes next
    python microgpt.py hint 03               a hint for a step: the idea, then step by step, then nearly code
    python microgpt.py watch 03              run a step's tests whenever you save a file
    python microgpt.py reset 03              begin a step again; your file is kept under another name
    python microgpt.py diff 03               your file beside the solution, once its tests pass
    python microgpt.py train                 train your modules of steps 01 to 09 on a list of names
    python microgpt.py sample                let the trained model invent names
    python microgpt.py page                  a page about it: names, loss, what its heads look at, the program
    python microgpt.py assemble              write your ten modules as one program that needs nothing else
    python microgpt.py challenge FILE        how much faster than your modules a program of yours trains
    python microgpt.py data                  fetch the full list of 32,033 names

Everything runs your own code from the step folders; `--solutions` runs the reference instead, where it is present.
Needs Python only (and PyTorch for `--torch`). With rich there is a progress bar, with matplotlib a picture of the loss.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import math
import signal
import sys
from pathlib import Path

from runner import names
from runner.modules import LearnerModules, Problem, short, typed
from runner.view import draw, mean, progress

HERE = Path(__file__).resolve().parent
MODEL = "model.json"
CURVE = "loss.png"
PAGE = "my_gpt.html"
SCORES = "challenge.json"
PROGRAMS = {"pure": "microgpt_simple.py", "torch": "microgpt_pytorch.py"}


def main(arguments=None):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a letter that the terminal does not have is no reason to stop
    words = sys.argv[1:] if arguments is None else arguments
    words = sorted(words, key="--torch".__eq__)  # last: argparse takes no more words of a list behind an option
    options = parser().parse_args(words)
    modules = None
    try:
        if options.command == "data":
            return data(options)
        if options.command == "status":
            return status(options)
        if options.command in ON_A_STEP:
            return ON_A_STEP[options.command](options)
        folder = HERE.parent / "solutions" if options.solutions else HERE
        if not folder.is_dir():
            raise Problem(f"there are no solutions here: {folder} is missing", "leave --solutions out")
        if options.command == "assemble":
            return assemble(options, folder)
        from runner import training

        modules = LearnerModules(folder, "_torch" if options.torch else "")
        return WITH_MODULES[options.command](options, modules, training)
    except Problem as problem:
        return report(problem)
    except KeyboardInterrupt:  # a second Ctrl-C, or one outside of the steps, which keep what is there
        print("\nstopped", file=sys.stderr)
        return 130
    except Exception as error:
        problem = modules.explain(error) if modules and not options.traceback else None
        if problem is None:
            raise
        return report(problem)


def report(problem):
    print(f"error: {problem}", file=sys.stderr)
    if problem.next_step:
        print(f"next: {problem.next_step}", file=sys.stderr)
    return 1


# status


def status(options):
    """Print the map of steps and tracks."""
    from runner.suites import status

    if sys.stderr.isatty():
        print("running the tests of all steps ...", file=sys.stderr)
    both = not options.torch and not options.pure
    print(status(HERE, both or options.torch, both or options.pure))
    return 0


# hint, watch, reset, diff


def hint(options):
    """Print one level of a hint."""
    from runner import steps

    print(steps.hint(steps.find(HERE, options.step, options.torch), options.words))
    return 0


def watch(options):
    """Run a step's tests at each save, until Ctrl-C."""
    from runner import steps, suites

    suites.watch(HERE, steps.find(HERE, options.step, options.torch).tests)
    return 0


def reset(options):
    """Put a stub back."""
    from runner import steps

    step = steps.find(HERE, options.step, options.torch)
    changed, kept = steps.reset(step)
    print(f"{short(step.file)} is as it was handed out" + " again" * changed)
    if kept:
        print(f"what you had written is kept: {short(kept)}")
    return 0


def diff(options):
    """Print where a step's file differs from the solution."""
    from runner import steps

    step = steps.find(HERE, options.step, options.torch)
    print(steps.difference(step, HERE.parent / "solutions") or f"{short(step.file)} is the solution, line by line")
    return 0


ON_A_STEP = {"hint": hint, "watch": watch, "reset": reset, "diff": diff}


# train


def train(options, modules, training):
    """Train a fresh model, or go on with a stopped one."""
    modules.require(range(1, 10))
    modules.install()
    file = options.out / MODEL
    run, source = resumed(options, training, file) if options.resume else begun(options, training, file)
    total = run.settings["steps"]
    print(f"{len(run.docs):,} names from {source}, {run.tokenizer.vocab_size} tokens, {total:,} steps")
    stopped = steps(run, file)
    run.save(file)
    drawn = draw(run.losses, run.tokenizer.vocab_size, options.out / CURVE)
    print(f"loss: {run.losses[0]:.4f} at first, {mean(run.losses[-100:]):.4f} over the last {min(100, run.done)} steps")
    print(f"kept: {short(file)}{f', {short(options.out / CURVE)}' if drawn else ''}")
    if not drawn:
        print("no picture of the loss: matplotlib is not installed (pip install matplotlib)")
    if stopped:
        print(f"stopped after step {run.done:,} of {total:,}")
        print("next: " + typed(f"train --resume{_same(options)}{_unless(options.out, '--out')}"))
        return 130  # the shell's number for Ctrl-C
    print("next: " + typed(f"sample{_same(options)}{_unless(options.out, '--model')}"))
    return 0


def begun(options, training, file):
    if file.exists() and not options.fresh:
        raise Problem(f"{short(file)} is there already", "--resume goes on, --fresh replaces it, --out keeps both")
    if options.batch_size > 1 and not options.torch:
        raise Problem("the pure track takes one name a step", "leave --batch-size out, or add --torch")
    path = names.find(options.names)
    settings = {
        "track": "torch" if options.torch else "pure",
        "steps": options.steps,
        "batch_size": options.batch_size,
        "names": options.names,
        "seed": options.seed,
    }
    return training.Run(settings, docs(path, settings["track"])), short(path)


def resumed(options, training, file):
    kept = training.read(file)
    settings = kept["settings"]
    asked = "torch" if options.torch else "pure"
    if settings["track"] != asked:
        raise Problem(f"{short(file)} is of the {settings['track']} track", f"resume it there, not in the {asked} one")
    if len(kept["losses"]) >= settings["steps"]:
        raise Problem(f"{short(file)} has all its {settings['steps']:,} steps", typed("train --fresh"))
    path = names.find(settings["names"])
    run = training.Run(settings, docs(path, settings["track"]))
    if list(run.tokenizer.chars) != kept["chars"]:
        raise Problem(f"{short(path)} is not the list that this model began with", typed("train --fresh"))
    if not run.resume(kept):
        print("note: your Adam keeps something that cannot be written to a file; its running averages start anew")
    return run, short(path)


def docs(path, track):
    """The names in a file, by the track's own reader. Problem: there are none."""
    found = importlib.import_module("tokenizer_torch" if track == "torch" else "tokenizer").load_docs(path)
    if not found:
        raise Problem(f"{path} holds no names", "give --names a file with one name a line")
    return found


def steps(run, file):
    """All steps that are left, kept every 100. True: Ctrl-C was pressed; the step under way is finished first."""
    pressed = []
    gc.collect()
    gc.freeze()  # what is there is not searched again
    gc.disable()  # the search for rings of objects takes half of the time: Run.step asks for it now and then

    def stop(number, frame):
        pressed.append(number)
        signal.signal(signal.SIGINT, before)  # a second Ctrl-C ends at once

    before = signal.signal(signal.SIGINT, stop)
    try:
        with progress(run) as shown:
            while run.done < run.settings["steps"] and not pressed:
                run.step()
                shown(run.losses)
                if run.done % 100 == 0:
                    run.save(file)
    finally:
        signal.signal(signal.SIGINT, before)
        gc.enable()
        gc.unfreeze()
    return bool(pressed)


# sample


def sample(options, modules, training):
    """Print invented names."""
    kept = training.read(options.model / MODEL)
    modules.require([1, 3, 4, 5, 6, 7, 8, 10])
    modules.install()
    track = training.track("torch" if options.torch else "pure")
    tokenizer = track.tokenizer(kept["chars"])
    state = track.state(kept["state"])
    invented = []
    for name in track.invent(state, tokenizer, options.temperature, options.seed, options.n):
        print(name, flush=True)
        invented.append(name)
    try:
        known = set(docs(names.find(kept["settings"]["names"]), track.name))
    except Problem:
        return 0  # the list is gone: the names are what counts
    new = sum(name not in known for name in invented)
    print(f"({new} of {len(invented)} are not in the list that it learnt from)", file=sys.stderr)
    print("next: " + typed(f"page{_same(options)}{_unless(options.model, '--model')}"), file=sys.stderr)
    return 0


# page


def page(options, modules, training):
    """Write my_gpt.html, the page about the trained model."""
    from runner import assembly, pages

    kept = training.read(options.model / MODEL)
    modules.require(range(1, 11))
    modules.install()
    track = training.track("torch" if options.torch else "pure")
    tokenizer = track.tokenizer(kept["chars"])
    state = track.state(kept["state"])
    invented = list(track.invent(state, tokenizer, options.temperature, options.seed, options.n))
    path = names.find(kept["settings"]["names"])
    known = set(docs(path, track.name))
    shown = [name for name in dict.fromkeys(invented) if 2 < len(name) <= pages.LONGEST][: pages.READ]
    text = pages.page(
        kept,
        path.name,
        [(name, name in known) for name in invented],
        f"drawn at a temperature of {options.temperature:g}, seed {options.seed}",
        [(name, track.looks(state, [int(token) for token in tokenizer.encode(name)][:-1])) for name in shown],
        (PROGRAMS[track.name], assembly.assemble(list(modules.files.values()), torch=track.name == "torch")),
    )
    print(f"{short(write(options.model / PAGE, text))}: open it in a browser")
    return 0


# assemble


def assemble(options, folder):
    """Write microgpt_simple.py and microgpt_pytorch.py, each from the ten modules of a track."""
    from runner import assembly

    both = not options.torch and not options.pure
    written, waiting = [], []
    for suffix, file, wanted in (
        ("", PROGRAMS["pure"], both or options.pure),
        ("_torch", PROGRAMS["torch"], both or options.torch),
    ):
        modules = LearnerModules(folder, suffix)
        if not wanted:
            continue
        try:
            modules.require(range(1, 11))
            text = assembly.assemble(list(modules.files.values()), torch=bool(suffix))
        except Problem as problem:
            if not both:
                raise
            waiting.append((file, problem))
            continue
        written.append(write(options.out / file, text))
    for file, problem in waiting:
        print(f"{file} is not written: {problem}\nnext: {problem.next_step}", file=sys.stderr)
    if written:
        write(options.out / "names.txt", names.find(options.names).read_text(encoding="utf-8"))
        for file in written:
            print(f"{short(file)}: {len(file.read_text(encoding='utf-8').splitlines())} lines")
        print(f"next: {' '.join([Path(sys.executable).name, short(written[0])])}")
    return 0 if written else 1


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.part")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(file)
    return file


# challenge


def challenge(options, modules, training):
    """Score programs against the one that the ten modules make, and keep the scores."""
    from runner import assembly, contest

    for file in options.files:
        if not file.is_file():
            raise Problem(
                f"there is no file {file}", f"{typed('assemble')}, then copy what it writes and make it faster"
            )
    modules.require(range(1, 11))
    track = training.track("torch" if options.torch else "pure").name
    text = assembly.assemble(list(modules.files.values()), torch=options.torch)
    baseline = contest.load("the solutions" if options.solutions else "your ten modules", text)
    listed = baseline.load_docs(names.find(options.names))
    scores, refused = [], 0
    for file in options.files:
        try:
            found = contest.scored(track, baseline, short(file), file.read_text("utf-8"), listed, options)
        except Problem as problem:
            refused = report(problem)
            continue
        scores.append(found)
        print(f"{found['name']}: {found['ratio']:.2f} times as fast as {baseline.name} ({found['words']})", flush=True)
    if scores:
        kept = json.dumps(contest.record(track, baseline, scores), indent=1) + "\n"
        print(f"kept: {short(write(options.out / SCORES, kept))}")
    return refused


WITH_MODULES = {"train": train, "sample": sample, "page": page, "challenge": challenge}


# data


def data(options):
    """Fetch the full list of names into the user's cache."""
    path = names.fetch(options.url, show_bar=sys.stderr.isatty())
    count = len(path.read_text(encoding="utf-8").split())
    print(f"{count:,} names in {path}\nnext: {typed('train --names full')}")
    return 0


# the command line


def parser():
    top = argparse.ArgumentParser(description="Your own GPT, from the modules of the ten steps.", epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--torch", action="store_true", help="the PyTorch track (default: the pure one)")
    shared.add_argument("--solutions", action="store_true", help="run the reference, where it is present")
    shared.add_argument("--traceback", action="store_true", help="show Python's own traceback of an error")

    one = commands.add_parser("status", help="run all tests, and show where you are and what comes next")
    one.add_argument("--pure", action="store_true", help="only the pure track (default: both)")
    one.add_argument("--torch", action="store_true", help="only the PyTorch track")

    for name, what in (
        ("hint", "a hint for a step: the idea, then step by step, then nearly code"),
        ("watch", "run a step's tests whenever you save a file"),
        ("reset", "begin a step again; your file is kept under another name"),
        ("diff", "your file beside the solution, once its tests pass"),
    ):
        one = commands.add_parser(name, help=what)
        one.add_argument("step", help="a step: 3, 03, softmax or 03_softmax")
        if name == "hint":
            one.add_argument("words", nargs="*", help="one of its functions, a level from 1 to 3, or both")
        one.add_argument("--torch", action="store_true", help="the PyTorch track (default: the pure one)")

    one = commands.add_parser("train", parents=[shared], help="train your model on a list of names")
    one.add_argument("--steps", type=positive, default=1000, help="how many steps (default: 1000)")
    one.add_argument("--batch-size", type=positive, default=1, help="names a step, with --torch (default: 1)")
    one.add_argument("--names", metavar="FILE", help='a list of names, one a line; "full": the fetched one')
    one.add_argument("--seed", type=int, default=42, help="of the names' order and the first weights (default: 42)")
    one.add_argument("--out", type=Path, default=Path("my_gpt"), help="folder for the model (default: my_gpt)")
    one.add_argument("--resume", action="store_true", help="go on with the stopped training in --out")
    one.add_argument("--fresh", action="store_true", help="replace the model in --out")

    for name, what in (
        ("sample", "let the trained model invent names"),
        ("page", "write a page about it: names, loss, what its heads look at, the program"),
    ):
        one = commands.add_parser(name, parents=[shared], help=what)
        one.add_argument("--temperature", type=temperature, default=0.5, help="0: always the likeliest (default: 0.5)")
        one.add_argument("-n", type=positive, default=20, help="how many names (default: 20)")
        one.add_argument("--seed", type=int, default=42, help="another seed, other names (default: 42)")
        one.add_argument("--model", type=Path, default=Path("my_gpt"), help="folder of the model (default: my_gpt)")

    one = commands.add_parser("assemble", parents=[shared], help="write your modules as one program")
    one.add_argument("--pure", action="store_true", help="only the pure track (default: both)")
    one.add_argument("--names", metavar="FILE", help="the list to put beside it")
    one.add_argument("--out", type=Path, default=Path("my_gpt"), help="folder for the programs (default: my_gpt)")

    one = commands.add_parser("challenge", parents=[shared], help="how much faster than your modules a program trains")
    one.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="a program that began as what `assemble` writes"
    )
    one.add_argument("--steps", type=positive, default=20, help="of a round in the pure track (default: 20)")
    one.add_argument("--rounds", type=positive, default=5, help="whose median counts (default: 5)")
    one.add_argument("--names", metavar="FILE", help='a list of names, one a line; "full": the fetched one')
    one.add_argument("--out", type=Path, default=Path("my_gpt"), help="folder for the scores (default: my_gpt)")

    one = commands.add_parser("data", help="fetch the full list of 32,033 names")
    one.add_argument("--url", default=names.URL, help="another address of the same file")
    return top


EPILOG = "Each command has its own --help."


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return number


positive.__name__ = "whole number"  # what argparse calls it in an error


def temperature(text):
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or a positive number")
    return number


def _same(options):
    """The options of this command that the next one needs too."""
    return " --solutions" * options.solutions + " --torch" * options.torch


def _unless(folder, option):
    return "" if folder == Path("my_gpt") else f" {option} {folder}"


if __name__ == "__main__":
    sys.exit(main())
