"""What the explore scripts and notebooks share: showing a picture, and the weights of a trained model to look at.

Runs in the learner's process, on any system. May import the standard library and matplotlib.

A picture has a white ground of its own, so that it can be read where the page around it is dark, and a text for those
who cannot see it.
"""

from __future__ import annotations

import base64
import html
import importlib.util
import io
import itertools
import json
import math
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = Path("my_gpt", "pictures")  # where a script saves, beneath the folder it was started in
DPI = 110

# Colours that people with any kind of colour vision can tell apart (Okabe and Ito, 2008), without the yellow.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444")


class NotInstalled(Exception):
    """The text says what is missing, and what to type."""

    def _render_traceback_(self):  # IPython asks for it
        return [str(self)]


def begin():
    """For a script: the modules of all steps can be imported by their bare names, and what is missing is one line."""
    sys.path.extend(str(folder) for folder in sorted(HERE.glob("[0-9][0-9]_*")))
    usual = sys.excepthook

    def say(kind, error, trace):
        if kind is NotImplementedError:
            print(f"not yet: {error}", file=sys.stderr)
        elif kind is NotInstalled:
            print(error, file=sys.stderr)
        elif kind is ModuleNotFoundError and error.name == "torch":
            print('PyTorch is not installed: pip install "torch>=2.6,<2.14"', file=sys.stderr)
        else:
            usual(kind, error, trace)

    sys.excepthook = say


def need_matplotlib():
    """NotInstalled: there is none."""
    if importlib.util.find_spec("matplotlib") is None:
        raise NotInstalled("the pictures are drawn with matplotlib: pip install matplotlib")


def figure(width=7.0, height=4.0):
    """An empty matplotlib figure, inches wide and high. NotInstalled: there is no matplotlib."""
    need_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor="white")


def show(drawn, name, alt):
    """Show a figure in a notebook; save it as NAME.png where a script runs. `alt`: what is to be seen, in words."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=DPI)
    png = buffer.getvalue()
    if in_notebook():
        from IPython.display import display

        source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        image = f'<img src="{source}" alt="{html.escape(alt)}" style="max-width: 100%; background: white">'
        display({"text/html": image, "text/plain": f"Picture: {alt}"}, raw=True)
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.png"
    file.write_bytes(png)
    print(f"{file.as_posix()}: {alt}")


def heatmap(axes, rows, across, down, low=0.0, high=1.0, form="", size=9):
    """Draw rows of numbers as cells: white at 0, blue at `high`, and orange at `low` if that is below 0.

    across, down: labels of the columns and of the rows. form: how a number is written into its cell, such as ".2f"; a
    cell of None stays empty. Returns the image, which a colour bar needs.
    """
    from matplotlib.colors import LinearSegmentedColormap

    ends = (COLOURS[1], "white", COLOURS[0]) if low < 0 else ("white", COLOURS[0])
    cells = [[math.nan if number is None else number for number in row] for row in rows]
    image = axes.imshow(cells, cmap=LinearSegmentedColormap.from_list("cells", ends), vmin=low, vmax=high)
    axes.set_xticks(range(len(across)), across)
    axes.set_yticks(range(len(down)), down)
    axes.tick_params(length=0)
    for y, row in enumerate(rows):
        for x, number in enumerate(row):
            if form and number is not None:
                colour = "white" if number > 0.85 * high else "black"  # whichever is easier to read
                axes.text(x, y, format(number, form), ha="center", va="center", fontsize=size, color=colour)
    return image


def in_notebook():
    """Whether this runs in a notebook's kernel."""
    return "ipykernel" in sys.modules and sys.modules["IPython"].get_ipython() is not None


def number(x):
    """A number in four digits, with a minus sign as wide as a plus."""
    return f"{x:.4g}".replace("-", "\N{MINUS SIGN}")


def draw_graph(root, names=None, grads=True, text=None, children=None):
    """A figure of the graph beneath `root`, for small expressions: operands on the left, results on the right.

    A Value is drawn with its name, if `names` ({Value: name}) has one, its data and, if `grads`, its grad, and an edge
    with its local derivative. Two functions describe a graph of another kind:

    text:      node -> the lines in its box, the first of them its name
    children:  node -> pairs (child, what to write on the edge)
    """
    if text is None:

        def text(value):
            lines = [(names or {}).get(value, ""), f"data {number(value.data)}"]
            return [line for line in lines if line] + [f"grad {number(value.grad)}"] * grads

    if children is None:

        def children(value):
            notes = zip(value._children, value._local_grads, strict=True)
            return [(child, number(slope)) for child, slope in notes]

    distance, waiting = {}, [(root, 0)]  # {node: the most edges between it and the root}
    while waiting:
        node, steps = waiting.pop(0)
        if distance.get(node, -1) < steps:
            distance[node] = steps
            waiting += [(child, steps + 1) for child, _ in children(node)]
    columns = [[] for _ in range(max(distance.values()) + 1)]
    for node, steps in distance.items():
        columns[-1 - steps].append(node)

    edges = []  # (child, places it passes in the columns between, parent, label)
    for parent in distance:
        labels = {}
        for child, label in children(parent):
            labels.setdefault(child, []).append(label)
        for child, several in labels.items():
            between = range(len(columns) - distance[child], len(columns) - 1 - distance[parent])
            passed = [(len(edges), i) for i in between]
            for place in passed:
                columns[place[1]].append(place)
            edges.append((child, *passed, parent, " and ".join(several)))
    return _draw_boxes(columns, edges, {node: text(node) for node in distance})


def _draw_boxes(columns, edges, lines):
    """The figure of a graph in columns of places; a place without `lines` is only passed by an edge. Units: inches."""
    need_matplotlib()
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
    from matplotlib.path import Path as Route

    wide = max(1.0, 0.2 + 0.082 * max(len(line) for box in lines.values() for line in box))
    tall = {place: 0.12 + 0.2 * len(lines.get(place, "-")) for column in columns for place in column}
    across = {place: 0.15 + wide / 2 + i * (wide + 0.9) for i, column in enumerate(columns) for place in column}
    down = {place: float(i) for column in columns for i, place in enumerate(column)}
    near = {place: [] for place in across}
    for *route, _ in edges:
        for left, right in itertools.pairwise(route):
            near[left].append(right)
            near[right].append(left)
    for column in columns * 30:  # each place as near to the middle of its neighbours as there is room for
        wish = {place: sum(down[n] for n in near[place]) / max(1, len(near[place])) for place in column}
        column.sort(key=wish.get)
        at = [wish[column[0]]]
        for upper, place in itertools.pairwise(column):
            at.append(max(wish[place], at[-1] + (tall[upper] + tall[place]) / 2 + 0.25))
        shift = (sum(wish.values()) - sum(at)) / len(column)
        down.update((place, y + shift) for place, y in zip(column, at, strict=True))

    top = min(down[place] - tall[place] / 2 for place in down) - 0.15
    bottom = max(down[place] + tall[place] / 2 for place in down) + 0.15
    drawn = figure(max(across.values()) + wide / 2 + 0.15, bottom - top)
    drawn.set_layout_engine("none")
    axes = drawn.add_axes((0, 0, 1, 1), xlim=(0, drawn.get_figwidth()), ylim=(bottom, top))
    axes.set_axis_off()
    for *route, label in edges:
        points = [(across[place] + side * wide / 2, down[place]) for place in route for side in (-1, 1)][1:-1]
        arrow = {"arrowstyle": "-|>", "mutation_scale": 14, "color": "#6e7781", "linewidth": 1.3}
        axes.add_patch(FancyArrowPatch(path=Route(points), shrinkA=0, shrinkB=0, **arrow))
        middle = [sum(pair) / 2 for pair in zip(*points[len(points) > 2 :][:2], strict=True)]
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(*middle, label, color="#a84600", weight="bold", size=10.5, ha="center", va="center", bbox=ground)
    made = {route[-1] for *route, _ in edges}
    for box, written in lines.items():
        colours = {"facecolor": "#eaf1fb" if box in made else "#f3f4f6", "edgecolor": COLOURS[0 if box in made else 6]}
        corner = (across[box] - wide / 2, down[box] - tall[box] / 2)
        rounded = "round,pad=0,rounding_size=0.08"
        axes.add_patch(FancyBboxPatch(corner, wide, tall[box], rounded, linewidth=1.5, **colours))
        for i, line in enumerate(written):
            style = {"weight": "bold" if i == 0 and not line.startswith("data") else "normal"}
            style["color"] = "#14713a" if line.startswith("grad") else "#1f2328"
            y = down[box] + (i - (len(written) - 1) / 2) * 0.2
            axes.text(across[box], y, line, size=10.5, ha="center", va="center", **style)
    return drawn


def trained():
    """(characters, state) of a model after 1,000 steps of training: to look at before you can train one yourself.

    The characters are sorted, and BOS follows them. The state has the names and shapes of step 06, as plain numbers.
    """
    kept = json.loads((HERE / "data" / "trained.json").read_text("utf-8"))
    return list(kept["chars"]), kept["state"]
