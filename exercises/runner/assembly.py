"""Puts a learner's ten modules into one program that needs no other file but a list of names.

Used by microgpt.py. May import the standard library only. The learner's lines are kept as they are, comments included.
What changes is what one file does not need: imports of the other modules go, the standard library's come together at
the top, `softmax.softmax(x)` becomes `softmax(x)`, a helper whose name another module uses already gets a new one, and
of a long docstring its first paragraph stays.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from pathlib import Path

from runner.modules import Problem

MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")

OURS = ("pathlib", "random", "sys")  # what the program's own part imports

HEAD = '''"""A GPT in one file, put together from the modules of the ten steps of the microgpt course.

    python {file} [names.txt]

It trains for {steps} steps on a list of names, one on each line, and then invents {count} new ones. Where no file is
given it takes the names.txt that lies beside it.{needs}
The model and its training are Andrej Karpathy's microgpt.
"""
'''

PURE_TAIL = '''
# The program: train, then invent names.


def run_microgpt(file, num_steps={steps}, seed=42):
    """Train on the names in `file`; the seed shuffles them and draws the first parameters and the new names."""
    if not pathlib.Path(file).is_file():
        sys.exit(f"{{file}} is missing: give the program a file with one name on each line")
    docs = load_docs(file)
    rng = random.Random(seed)
    rng.shuffle(docs)
    tokenizer = Tokenizer(docs)
    state = init_state(tokenizer.vocab_size, rng=rng)
    print(f"{{len(docs)}} names, {{tokenizer.vocab_size}} tokens, {{len(parameters(state))}} parameters")

    def on_step(step, loss):
        print(f"step {{step + 1:4d}} of {{num_steps}}, loss {{loss:.4f}}", end="\\r", flush=True)

    train(state, docs, tokenizer, num_steps, on_step=on_step)
    print("\\nnew names:")
    for _ in range({count}):
        print(generate(state, tokenizer, temperature=0.5, rng=rng))


if __name__ == "__main__":
    run_microgpt(sys.argv[1] if sys.argv[1:] else pathlib.Path(__file__).with_name("names.txt"))
'''

TORCH_TAIL = '''
# The program: train, then invent names.


def run_microgpt(file, num_steps={steps}, batch_size=32, seed=42):
    """Train on the names in `file`; the seed shuffles them and draws the first parameters and the new names."""
    if not pathlib.Path(file).is_file():
        sys.exit(f"{{file}} is missing: give the program a file with one name on each line")
    torch.set_num_threads(1)  # the tensors are small: more threads only cost
    docs = load_docs(file)
    random.Random(seed).shuffle(docs)
    generator = torch.Generator().manual_seed(seed)
    tokenizer = Tokenizer(docs)
    state = init_state(tokenizer.vocab_size, generator=generator)
    size = sum(p.numel() for p in parameters(state))
    print(f"{{len(docs)}} names, {{tokenizer.vocab_size}} tokens, {{size}} parameters")

    def on_step(step, loss):
        print(f"step {{step + 1:4d}} of {{num_steps}}, loss {{loss:.4f}}", end="\\r", flush=True)

    train(state, docs, tokenizer, num_steps, batch_size, on_step=on_step)
    print("\\nnew names:")
    for _ in range({count}):
        print(generate(state, tokenizer, temperature=0.5, generator=generator))


if __name__ == "__main__":
    run_microgpt(sys.argv[1] if sys.argv[1:] else pathlib.Path(__file__).with_name("names.txt"))
'''


@dataclass
class Part:
    """One module on its way into the program."""

    file: Path
    source: str
    tree: ast.Module
    renamed: dict[str, str] = field(default_factory=dict)  # its own helpers that got a new name

    @property
    def name(self) -> str:
        return self.file.stem


@dataclass(frozen=True)
class Edit:
    """Replace `source[start:end]`, offsets in UTF-8 bytes, as ast counts them."""

    start: int
    end: int
    text: str


def assemble(files: list[Path], torch: bool) -> str:
    """The program. Problem: something in the modules cannot be put into one file."""
    parts = order(files)
    imports: dict[str, str] = {}  # import statement -> name that it binds
    future = False
    sections = []
    taken = {"run_microgpt": "", **{name: f"import {name}" for name in OURS}}
    taken |= {"torch": "import torch"} if torch else {}
    by_name = {part.name: part for part in parts}
    for part in parts:
        text, own_imports, has_future = section(part, by_name, taken)
        imports |= own_imports
        future |= has_future
        sections.append(text)
    imports |= {f"import {name}": name for name in OURS}
    imports |= {"import torch": "torch"} if torch else {}
    settings = {"steps": 1000, "count": 20}
    head = HEAD.format(
        file="microgpt_pytorch.py" if torch else "microgpt_simple.py",
        needs=" Needs PyTorch." if torch else " Needs Python only.",
        **settings,
    )
    tail = (TORCH_TAIL if torch else PURE_TAIL).format(**settings)
    top = ["from __future__ import annotations", ""] if future else []
    top += together(imports)
    text = head + "\n" + "\n".join(top) + "\n" + "".join(f"\n\n{one}" for one in sections) + "\n" + tail
    ast.parse(text)  # ours to answer for: an error here is a mistake in this file
    return text


def together(imports: dict[str, str]) -> list[str]:
    """The import statements, one line for each module: plain ones first, each kind in order."""
    plain = sorted(line for line in imports if line.startswith("import "))
    names: dict[str, list[str]] = {}
    for line in sorted(set(imports) - set(plain)):
        module, _, name = line.removeprefix("from ").partition(" import ")
        names.setdefault(module, []).append(name)
    return plain + [f"from {module} import {', '.join(some)}" for module, some in names.items()]


def order(files: list[Path]) -> list[Part]:
    """The modules, each after the helper files beside it that it imports."""
    parts: dict[str, Part] = {}

    def add(file: Path) -> None:
        if file.stem in parts:
            return
        source = file.read_text(encoding="utf-8-sig")
        part = Part(file, source, ast.parse(source))
        for name in sorted(imported(part.tree)):
            beside = file.with_name(f"{name}.py")
            if beside not in files and beside.is_file() and not name.startswith("test_") and name != file.stem:
                add(beside)
        parts[file.stem] = part

    for file in files:
        add(file)
    return list(parts.values())


def imported(tree: ast.Module) -> set[str]:
    """Names of the modules that are imported anywhere."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def section(part: Part, parts: dict[str, Part], taken: dict[str, str]) -> tuple[str, dict[str, str], bool]:
    """A module's text in the program, its imports (statement -> name), and whether it postpones annotations.

    taken: every global name so far and where it comes from; grows.
    """
    lines = Lines(part.source)
    imports: dict[str, str] = {}
    edits: list[Edit] = []
    names: dict[str, str] = {}  # a name as this module uses it -> the name in the program
    module_names: set[str] = set()  # names under which other modules are known here
    future = False
    top = set(part.tree.body)
    for node in ast.walk(part.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            text = ""
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                future = True
            elif isinstance(node, ast.ImportFrom) and node.module in parts:
                text = bring(node, parts[node.module], names, part)
            elif isinstance(node, ast.Import) and any(alias.name in parts for alias in node.names):
                module_names |= {alias.asname or alias.name for alias in node.names if alias.name in parts}
                others = [alias for alias in node.names if alias.name not in parts]
                imports |= {statement([alias]): alias.asname or alias.name.split(".")[0] for alias in others}
            elif node in top:
                for alias in node.names:
                    imports[statement([alias], node)] = alias.asname or alias.name.split(".")[0]
            else:
                continue  # an import inside a function stays there
            edits.append(lines.whole(node, text if node in top else text or "pass"))
    edits += leftovers(part, lines) + shortened(part, lines)
    claim(part, imports, taken)
    names |= part.renamed
    edits += uses(part, lines, names, module_names)
    return heading(part) + lines.apply(edits), imports, future


def bring(node: ast.ImportFrom, source: Part, names: dict[str, str], user: Part) -> str:
    """`from softmax import softmax as s`: the name is there already; returns a line where one is needed for it."""
    lines = []
    for alias in node.names:
        if alias.name == "*":
            names |= source.renamed
            continue
        there = source.renamed.get(alias.name, alias.name)
        here = alias.asname or alias.name
        if here != there and alias.asname is None:
            names[here] = there
        elif here != there:
            lines.append(f"{here} = {there}")
    return "\n".join(lines)


def statement(aliases: list[ast.alias], node: ast.Import | ast.ImportFrom | None = None) -> str:
    """One import as a line of its own."""
    if isinstance(node, ast.ImportFrom):
        return ast.unparse(ast.ImportFrom(node.module, aliases, node.level))
    return ast.unparse(ast.Import(aliases))


def leftovers(part: Part, lines: Lines) -> list[Edit]:
    """The module's docstring (it becomes the heading), markers, and `if __name__ == "__main__":` blocks go."""
    edits = []
    if ast.get_docstring(part.tree) is not None:
        edits.append(lines.whole(part.tree.body[0], ""))
    for node in part.tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            edits.append(lines.whole(node, ""))
    edits += [lines.line(number) for number, text in enumerate(lines.texts, 1) if text.strip() in MARKERS]
    return edits


def shortened(part: Part, lines: Lines) -> list[Edit]:
    """Of a docstring with several paragraphs only the first one stays: the rest can be read in the step's own file."""
    edits = []
    for node in ast.walk(part.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and "\n\n" in (ast.get_docstring(node, clean=False) or ""):
            text = node.body[0]
            span = lines.span(text, "")
            whole = lines.data[span.start : span.end].decode()
            first = whole.split("\n\n")[0].rstrip()
            quotes = whole[-3:]
            edits.append(Edit(span.start, span.end, first + ("" if first.endswith(quotes) else quotes)))
    return edits


def heading(part: Part) -> str:
    """The module's docstring as a comment: its first paragraph, and what is indented in it (formulas and tables)."""
    docstring = ast.get_docstring(part.tree) or f"Step {part.file.parent.name.replace('_', ' ', 1)}."
    first, *others = docstring.split("\n\n")
    kept = [first] + [text for text in others if all(line.startswith("    ") for line in text.splitlines())]
    return "".join(f"# {line}".rstrip() + "\n" for text in kept for line in text.splitlines()) + "\n\n"


def defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Global name -> the statement of the module that defines it."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.For | ast.With | ast.If | ast.Try):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    found.setdefault(inner.id, node)
    return found


def claim(part: Part, imports: dict[str, str], taken: dict[str, str]) -> None:
    """Give every global of the module a name that no other module has, and note them in `taken`."""
    for line, name in imports.items():
        if taken.get(name, line) != line:
            raise Problem(
                f"{part.file.name} imports {name}, which means something else in {taken[name] or 'the program'}",
                f"import it under another name in {part.file.name}",
            )
        taken[name] = line
    own = defined(part.tree)
    for name in own:
        if name in taken or (name in dir(builtins) and not name.startswith("__")):
            if own_locals(part.tree, name):
                raise Problem(
                    f"{part.file.name} and {taken.get(name) or 'Python'} both define {name}, and {part.file.name} also "
                    f"has a local variable of that name",
                    f"rename one of them in {part.file.name}",
                )
            part.renamed[name] = fresh(f"{name}_{part.name}", {*taken, *own})
    for name in own:
        taken[part.renamed.get(name, name)] = part.file.name


def fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def own_locals(tree: ast.Module, name: str) -> bool:
    """Whether a function of the module has a parameter or a variable of this name: then renaming is not safe."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.arg) and node.arg == name:
                    return True
                if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
                    return True
                if node is not function and isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
                    return function not in tree.body or node not in tree.body
    return False


def uses(part: Part, lines: Lines, names: dict[str, str], modules: set[str]) -> list[Edit]:
    """Edits that give every use of a name its name in the program."""
    edits, through = [], set()
    for node in ast.walk(part.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            edits.append(lines.span(node, names.get(node.attr, node.attr)))
            through.add(node.value)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node in part.tree.body and node.name in names:
            edits.append(lines.name_of(node, names[node.name]))
    for node in ast.walk(part.tree):
        if not isinstance(node, ast.Name) or node in through:
            continue
        if node.id in names:
            edits.append(lines.span(node, names[node.id]))
        elif node.id in modules and node.id not in defined(part.tree):
            raise Problem(
                f"{part.file.name}, line {node.lineno} uses the module {node.id} by itself: in one file there is none",
                f"write {node.id}.something, or import what you need from it",
            )
    return edits


class Lines:
    """A source text, and edits to it by the positions that ast gives."""

    def __init__(self, source: str) -> None:
        self.texts = source.splitlines()
        self.data = ("\n".join(self.texts) + "\n").encode()
        self.starts = [0]
        for text in self.texts:
            self.starts.append(self.starts[-1] + len(text.encode()) + 1)

    def offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        return Edit(
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
            text,
        )

    def whole(self, node: ast.stmt, text: str) -> Edit:
        """The statement, and its line's end where nothing is put in its place."""
        edit = self.span(node, text)
        end = self.starts[node.end_lineno or node.lineno]
        rest = self.data[edit.end : end].decode()
        alone = not rest.strip() or rest.strip().startswith("#")
        return Edit(edit.start, end, "") if not text and alone and node.col_offset == 0 else edit

    def line(self, number: int) -> Edit:
        return Edit(self.starts[number - 1], self.starts[number], "")

    def name_of(self, node: ast.FunctionDef | ast.ClassDef, text: str) -> Edit:
        """The name in `def name` or `class name`."""
        start = self.offset(node.lineno, node.col_offset)
        at = self.data.index(node.name.encode(), start + len("def" if isinstance(node, ast.FunctionDef) else "class"))
        return Edit(at, at + len(node.name.encode()), text)

    def apply(self, edits: list[Edit]) -> str:
        """The text after all edits, which must not overlap, with at most two empty lines on end."""
        data = self.data
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            data = data[: edit.start] + edit.text.encode() + data[edit.end :]
        out: list[str] = []
        for text in data.decode().strip().splitlines():
            if text.strip() or out[-2:] != ["", ""]:
                out.append(text.rstrip())
        return "\n".join(out) + "\n"
