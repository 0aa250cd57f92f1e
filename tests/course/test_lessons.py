"""The lessons tell the truth: their code runs, their arithmetic is right, their links lead somewhere.

Runs in the developer's own process over `solutions/`, needs no network, and knows the lessons only by their Markdown.
A ```python block is either a session with `>>>`, which is run, or code that stands in the solution word for word.
"""

import doctest
import inspect
import itertools
import math
import random
import re
import sys
import tracemalloc
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from parity import SAID, N, plain

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "exercises").glob("*/README.md"))
TORCH_PART = "\n## The same in PyTorch"  # sessions from this heading on belong to the torch track
REGION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.parent.name)


def solution_files(pattern="*/*.py"):
    return sorted((ROOT / "solutions").glob(pattern))


def fenced(text):
    """(line number, code) of each ```python block."""
    for match in re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield text.count("\n", 0, match.start(1)), match[1]


def stripped_lines(code):
    return [line.strip() for line in code.splitlines() if line.strip()]


@pytest.fixture
def answers(monkeypatch):
    """The modules of `solutions/` by their bare names, and none of them left behind."""
    names = {path.stem for path in solution_files()}
    before = {name: sys.modules.pop(name) for name in names & sys.modules.keys()}
    for folder in {path.parent for path in solution_files()}:
        monkeypatch.syspath_prepend(folder)
    yield
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)


def test_there_are_lessons():
    """Every step of the solutions has its lesson."""
    assert [lesson.parent.name for lesson in LESSONS] == sorted({path.parent.name for path in solution_files()})


@each_lesson
@pytest.mark.parametrize("track", ["pure", "torch"])
def test_sessions_print_what_they_show(lesson, track, answers):
    """A learner who types the examples of one track in order sees what the lesson prints."""
    if track == "torch":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch without NumPy warns while it is imported
            pytest.importorskip("torch", reason="PyTorch is not installed")
    text = lesson.read_text(encoding="utf-8")
    parts_at = text.count("\n", 0, text.index(TORCH_PART))
    parser, names, complaints = doctest.DocTestParser(), {}, []
    # The wording of an error is the learner's own choice, its type is not.
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    for line, code in fenced(text):
        if ">>>" in code and (line > parts_at) == (track == "torch"):
            session = parser.get_doctest(code, names, lesson.parent.name, str(lesson), line)
            session.globs = names  # get_doctest copies them: the sessions of a lesson follow on each other
            runner.run(session, out=complaints.append, clear_globs=False)
    assert not complaints, "".join(complaints)
    assert runner.tries >= 5, f"{runner.tries} examples are too few to be all there are"


@each_lesson
def test_code_without_prompt_is_the_solution(lesson):
    """Code shown without a prompt stands in the step's solution line by line."""
    solution = [
        line for path in solution_files(f"{lesson.parent.name}/*.py") for line in stripped_lines(path.read_text())
    ]
    shown = [
        line
        for _, code in fenced(lesson.read_text(encoding="utf-8"))
        if ">>>" not in code
        for line in stripped_lines(code)
    ]
    assert shown
    assert [line for line in shown if line not in solution] == []


@each_lesson
def test_lessons_keep_the_answers(lesson):
    """Of the code that learners write, a lesson shows Value.__add__ and nothing else."""
    text = re.sub(r"\s+", " ", lesson.read_text(encoding="utf-8"))
    answers = {
        line
        for path in solution_files()
        for region in REGION.findall(path.read_text(encoding="utf-8"))
        for line in stripped_lines(region)
        if len(line) >= 12  # `result = ...` says something, `else:` does not
    }
    worked = {
        "other = other if isinstance(other, Value) else Value(other)",
        "return Value(self.data + other.data, (self, other), (1.0, 1.0))",
    }
    interface = {"ctx.save_for_backward(x)", "(x,) = ctx.saved_tensors"}  # torch's, shown with a sine
    calls = {"backward(loss)", "loss.backward()"}  # of what an earlier step has built
    assert len(answers) > 40
    assert {line for line in answers - worked - interface - calls if line in text} == set()


def arithmetic(span):
    """Those sides of an equation that are plain arithmetic: what the lesson says, and the same as Python."""
    for side in re.split(r"=|\\approx", span):
        code = re.sub(r"\\ln (\S+)", r"log(\1)", side.replace("\\cdot", "*").strip())
        code = re.sub(r"\^\{?([\d.-]+)\}?", r"**(\1)", code)
        if re.fullmatch(r"(log|[-\d.\s+*/(),])+", code):
            yield side.strip(), code


def equations(text):
    """Pairs of sides that the lesson sets equal, each as `arithmetic` gives it."""
    for display, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+?(?:\n[^$\n]+?)?)\$", text, re.DOTALL):
        yield from itertools.pairwise(arithmetic(display or inline))


@each_lesson
def test_equations_hold(lesson):
    """Where a formula sets numbers equal, they are equal, or rounded to the digits shown."""
    pairs = list(equations(lesson.read_text(encoding="utf-8")))
    assert len(pairs) >= 2, "the lesson's equations were not found"
    for (left, left_code), (right, right_code) in pairs:
        a, b = (eval(code, {"__builtins__": {}, "log": math.log}) for code in (left_code, right_code))
        digits = len(right.partition(".")[2])
        rounding = 0.5 * 10**-digits if digits >= 3 else 1e-9  # short results are meant exactly
        assert b == pytest.approx(a, rel=0, abs=rounding), f"{left} = {right}"


EXPS = [math.exp(x - 2) for x in (2, 1, -1)]
PROBABILITIES = [e / sum(EXPS) for e in EXPS]


def tempered(temperature):
    scaled = [e ** (1 / temperature) for e in EXPS]
    return [e / sum(scaled) for e in scaled]


def row_loss(logits, target):
    return math.log(sum(math.exp(x) for x in logits)) - logits[target]


def soft(*scores):
    exps = [math.exp(score) for score in scores]
    return [e / sum(exps) for e in exps]


COLUMNS = [(2, -2, 1), (-2, -4, 4), (6, 3, -3), (0, -3, 1)]  # of the values of BOS, e and m in lesson 07
ATTENDED = [sum(a * v for a, v in zip(soft(2, 1, -1), column, strict=True)) for column in COLUMNS]


def gpt2_parameters(vocabulary=50257, positions=1024, layers=12, width=768):
    """Two tables, and for each layer 12 C^2 weights, 9 C biases, two norms of 2 C; one norm at the end."""
    return (vocabulary + positions) * width + layers * (12 * width**2 + 13 * width) + 2 * width


CLAIMS = {
    "01_value": [
        (f"held in {N} numbers", [27 * 16 + 16 * 16 + 27 * 16 + 4 * 16 * 16 + 2 * 4 * 16 * 16]),
        (f"which is {N} more for a step of {N}", [3 * 0.01, 0.01]),
        (f"With h = 0.001 the quotient is {N}", [(2.001**3 - 1.999**3) / 0.002]),
    ],
    "02_backward": [
        (f"second time on the same graph and the number {N} appears", [3.5 + 0.5 * (7 + 5.5 + 2 * 1.5)]),
        (f"there are only {N} nodes and {N} edges", [50 + 1, 2 * 50]),
    ],
    "03_softmax": [
        (f"exponentials are {N}, {N} and {N}, their sum is {N}", [*EXPS, sum(EXPS)]),
        (f"the probabilities are {N}, {N} and {N}", PROBABILITIES),
        (rf"a factor of e \\approx {N}", [math.e]),
        (rf"The largest float is about {N} \\cdot 10\^\{{{N}\}}", [sys.float_info.max / 1e308, 308]),
        (rf"so e\^\{{{N}\}} can still be stored and", [math.floor(math.log(sys.float_info.max))]),
        (f"{N} at p_t = {N}, {N} at p_t = {N}", [-math.log(0.5), 0.5, -math.log(0.01), 0.01]),
        (f"For the target 1 that is {N}, {N} and {N}", [PROBABILITIES[0], PROBABILITIES[1] - 1, PROBABILITIES[2]]),
        (rf"With 10\^{{-12}} the loss becomes {N}", [-math.log(1e-12)]),
        (f"become {N}, {N} and {N} at a temperature of 0.5", tempered(0.5)),
        (f"at a temperature of 0.5, and {N}, {N} and {N} at 2", tempered(2)),
        (f"Row 0 of our scores alone costs {N}", [row_loss([2, 1, -1], 1)]),
        (f"with target 1 cost {N} on average", [(row_loss([2, 1, -1], 1) + row_loss([0, 3, 1], 1)) / 2]),
    ],
    "04_layers": [
        (f"Of the {N} parameters of our GPT, {N} are such weights", [4192, 4192 - 27 * 16 - 16 * 16]),
        (rf"step 03 found g = \({N}, {N}, {N}\)", [PROBABILITIES[0], PROBABILITIES[1] - 1, PROBABILITIES[2]]),
        (rf"the slope there is 1/\\sqrt{{\\varepsilon}} = {N}", [1e-5**-0.5]),
        (rf"\({N}, {N}\), which was inside, to \({N}, {N}\)", [0.1, 0.7, 0.1 / 0.25**0.5, 0.7 / 0.25**0.5]),
    ],
    "05_tokenizer": [
        (f"over positions, {N} again", [math.log(27)]),
        (rf"here 5 \+ 4 = {N} of the {N} places", [9, 2 * 5]),
    ],
    "06_embedding": [
        (f"This step creates all {N} parameters", [(27 + 16 + 27) * 16 + 12 * 16**2]),
        (f"gives the same without {N} multiplications by 0", [27 - 1]),
    ],
    "07_attention": [
        (f"those you know: the weights are {N}, {N} and {N}", soft(4 / 2, 2 / 2, -2 / 2)),
        (rf"the whole output is \({N}, {N}, {N}, {N}\)", ATTENDED),
        (f"a difference of 8 into a factor of {N}", [math.exp(8)]),
        (f"Head 0 looks at BOS with the weights {N}, {N} and {N}", soft(6 / 2**0.5, 0, -2 / 2**0.5)),
        (rf"Head 1 looks at \*e\*, with {N}, {N} and {N}", soft(-2 / 2**0.5, 2 / 2**0.5, 0)),
    ],
    "08_gpt": [
        (f"For x = 2 the answers are {N}, {N}, {N} and {N}", [2 * w for w in (1, -1, 0.5, -0.25)]),
        (f"{N} parameters would do the work of {N}", [2 * 64 * 16, 16 * 16]),
        (f"That makes {N} million parameters", [gpt2_parameters() / 1e6]),
    ],
    "09_adam": [
        (f"The root of {N} is {N}", [0.1294, math.sqrt(0.1294)]),
        (rf"\\sqrt v is {N} of it, so the step is {N} times too", [math.sqrt(1 - 0.99), 0.15 / math.sqrt(1 - 0.99)]),
        (f"the tenth step is {N} times too long", [(1 - 0.85**10) / math.sqrt(1 - 0.99**10)]),
        (f"{N} at step 500, and {N} at the last one", [0.01 * (1 - 500 / 1000), 0.01 * (1 - 999 / 1000)]),
        (rf"= 2.625, not {N}: each \*letter\*", [(3 + 2) / 2]),
    ],
    "10_sampling": [
        (f"At T = 1 the probabilities are {N}, {N} and {N}", PROBABILITIES),
        (f"so the pieces end at {N}, {N} and {N}", list(itertools.accumulate(PROBABILITIES))),
        (f"At T = 0.5 the probabilities are {N}, {N} and {N}", tempered(0.5)),
        (f"At T = 2 they are {N}, {N} and {N}", tempered(2)),
        (f"at T = 0.001 is an exponent of {N}", [2 / 0.001]),
    ],
}


# Numbers that no calculation here gives: whose word they are.
GIVEN = {
    "02_backward": {"4192": "01_value", "1000": "Python's default recursion limit"},
    "06_embedding": {"0.02": "GPT-2", "768": "GPT-2", "50257": "05_tokenizer"},
    "07_attention": {"1000": "tests/bench/parity.py", "0.01": "tests/bench/parity.py"},
    "08_gpt": {"0.1": "supposed", "768": "GPT-2", "0.00002": "below"},
    "09_adam": {
        "4192": "01_value",
        "100": "how many losses are averaged",
        "999": "the last of 1,000 steps from 0 on",
        "2000": "how many names are tried",
        "57000": "below",
        "0.001": "below",
        "0.9": "below",
        "0.999": "below",
    },
    "10_sampling": {
        "0.2": "a temperature",
        "0.001": "a temperature",
        "500": "how many names are drawn",
        "710": "03_softmax",
    },
}


def numbers(text):
    return {number.lstrip("-") for number in re.findall(rf"(?<![\w.]){N}", plain(text))}


@each_lesson
def test_no_number_stands_unchecked(lesson):
    """Decimals and numbers from 100 on are in a session, an equation, a claim, or measured on the full list."""
    name, text = lesson.parent.name, lesson.read_text(encoding="utf-8")
    checked = numbers(" ".join(code for _, code in fenced(text)).replace("_", ","))
    for pair in equations(text):
        checked |= numbers(" ".join(side for side, _ in pair))
    for pattern, _ in [*CLAIMS[name], *SAID.get(name, [])]:
        found = re.search(pattern, plain(text))
        assert found, f"the lesson no longer says: {pattern}"
        checked |= numbers(" ".join(found.groups()))
    prose = re.sub(r"^```.*?^```$|\]\(.*?\)|`[^`]*`|\b20[12]\d\b", "", text, flags=re.DOTALL | re.MULTILINE)  # no years
    said = {number for number in numbers(prose) if "." in number or int(number) >= 100}
    assert said - checked == GIVEN.get(name, {}).keys()


@each_lesson
def test_numbers_in_the_prose_are_right(lesson):
    """A number in a sentence is what the calculation gives, to the digits shown."""
    text = plain(lesson.read_text(encoding="utf-8"))
    for pattern, wanted in CLAIMS[lesson.parent.name]:
        found = re.search(pattern, text)
        assert found, f"the lesson no longer says: {pattern}"
        shown = [
            f"{want:.{len(number.partition('.')[2])}f}" for number, want in zip(found.groups(), wanted, strict=True)
        ]
        assert list(found.groups()) == shown


def test_a_tiny_number_in_the_logarithm_stops_learning(answers):
    """The repair that lesson 03 warns of gives a finite loss and the gradient 0."""
    from backward import backward
    from softmax import softmax
    from value import Value

    logits = [Value(0), Value(-1000)]
    loss = -(softmax(logits)[1] + 1e-12).log()
    backward(loss)
    assert math.isfinite(loss.data)
    assert [x.grad for x in logits] == [0, 0]


def test_a_missing_norm_hardly_shows_with_one_layer(answers, monkeypatch):
    """The figures of lesson 08: less than a thousandth of the stream, and some 0.00002 of a logit."""
    import gpt as module
    from embedding import embed, init_state
    from layers import rmsnorm

    state = init_state(27, rng=random.Random(42))
    emma = [26, 4, 12, 12, 0]

    def logits():
        keys, values = [[]], [[]]
        return [x.data for pos, token in enumerate(emma) for x in module.gpt(state, token, pos, keys, values)]

    for pos, token in enumerate(emma):
        once = rmsnorm(embed(state, token, pos))
        assert all(abs(a.data - b.data) < 0.001 * abs(a.data) for a, b in zip(once, rmsnorm(once), strict=True))
    right, calls = logits(), itertools.count()
    # of the three norms of each position the second is the one before attention
    monkeypatch.setattr(module, "rmsnorm", lambda x: x if next(calls) % 3 == 1 else rmsnorm(x))
    moved = max(abs(a - b) for a, b in zip(right, logits(), strict=True))
    assert next(calls) == 3 * len(emma)
    assert f"{moved:.5f}" == "0.00002"


def test_a_name_makes_a_large_graph(answers):
    """The figures of lesson 09: 57,000 Values for six letters; a thousand graphs take some 11 gigabytes."""
    from adam import doc_loss
    from backward import topological_order
    from embedding import init_state

    state = init_state(27, rng=random.Random(42))
    tracemalloc.start()
    loss = doc_loss(state, [26, 14, 11, 8, 21, 8, 0, 26])  # olivia
    gigabytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert round(len(topological_order(loss)), -3) == 57_000
    assert gigabytes * 1000 / 1e9 == pytest.approx(11, abs=2)  # an object's size differs between versions of Python


def test_settings_of_torch():
    """Torch's defaults for Adam, as lesson 09 gives them."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    defaults = {name: p.default for name, p in inspect.signature(torch.optim.Adam).parameters.items()}
    assert (defaults["lr"], defaults["betas"]) == (0.001, (0.9, 0.999))


@each_lesson
def test_links_lead_somewhere(lesson):
    """Relative links and images exist, and every file beside a lesson that it may show is shown."""
    targets = re.findall(r"\]\(([^)\s]+)\)", lesson.read_text(encoding="utf-8"))
    here = {target for target in targets if not target.startswith("https://")}
    assert [target for target in sorted(here) if not (lesson.parent / target).is_file()] == []
    assert {path.name for path in lesson.parent.glob("*.svg")} == {target for target in here if target.endswith(".svg")}


@each_lesson
def test_commands_name_tests_of_this_step(lesson):
    """The commands to type name the public tests of this step, one for each track."""
    name = lesson.parent.name
    module = name.partition("_")[2]
    commands = re.findall(r"^    (pytest .+)$", lesson.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == [f"pytest exercises/{name}/test_{module}{track}.py" for track in ("", "_torch")]


@each_lesson
def test_figures_can_be_read_by_all(lesson):
    """A figure has a title, a description, colours for a dark screen, large letters and no numbers of its own."""
    text = plain(lesson.read_text(encoding="utf-8"))
    for path in lesson.parent.glob("*.svg"):
        source = path.read_text(encoding="utf-8")
        figure = ET.fromstring(source)
        space = {"svg": "http://www.w3.org/2000/svg"}
        assert len(figure.findtext("svg:title", "", space)) > 10
        assert len(figure.findtext("svg:desc", "", space)) > 40
        assert "prefers-color-scheme: dark" in source
        assert "href" not in source, "a figure loads nothing from elsewhere"
        assert min(map(int, re.findall(r"font-size: (\d+)px", source))) >= 14
        words = plain(" ".join(node.text for tag in ("title", "desc", "text") for node in figure.iter(f"{{*}}{tag}")))
        strangers = [number for number in re.findall(N, words) if not re.search(rf"(?<![\d.]){number}(?![\d])", text)]
        assert strangers == []
