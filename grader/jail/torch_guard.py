"""Sees which of torch's own functions learner code uses, where writing them is the exercise.

Untrusted side: imported by the torch zygote after torch, before learner code. Imports torch and the standard library.
Calls are found by what runs, not by how they are spelt:

    operations   a forbidden aten operation gets a kernel of ours at a key of the dispatcher that nothing else uses, and
                 that is switched on while a check runs. Every call passes there, before torch takes it apart: from
                 Python or from C++, also inside torch's own functions. What is allowed passes without delay
    Python code  functions and constructors written in Python (optimizers, distributions) are no operations: while a
                 check runs their body is another one, which notes the call and makes it. They stay the same objects
    the engine   every run of it takes the next number of a counter in C++: two numbers tell how many runs lay between

What is seen is recorded and no result is changed. Code that means to hide can do so, as it shares the process: like all
that is measured in the jail, this is the learner's word.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any

import torch
from torch.autograd.variable import Variable
from torch.library import Library, fallthrough_kernel

ENGINE = "the autograd engine"
FORWARD = "forward-mode differentiation"
MAKES_DUALS = "_make_dual"  # the operation that every way to forward mode passes
KEY = "TESTING_ONLY_GenericMode"  # of the dispatcher: before vmap and autograd, and without kernels of torch's own

_engine: Any = Variable._execution_engine


class _Granted:
    """Runs of the engine that probes asked for so far."""

    count = 0


def engine_grad(
    outputs: torch.Tensor | Sequence[torch.Tensor],
    inputs: torch.Tensor | Sequence[torch.Tensor],
    grad_outputs: torch.Tensor | Sequence[torch.Tensor] | None = None,
) -> tuple[torch.Tensor | None, ...]:
    """d(outputs)/d(inputs) by torch's engine, for probes: not counted as a use of it. None: an input is not used.

    The graph is kept. What learner code does inside its own backward is seen as ever.
    """
    roots, leaves = _sequence(outputs), _sequence(inputs)
    grads = _sequence(grad_outputs) if grad_outputs is not None else tuple(torch.ones_like(root) for root in roots)
    caller = str(sys._getframe(1).f_globals.get("__name__"))
    _Granted.count += caller == "kit_torch" or "probes" in caller
    keep_graph, create_graph, allow_unused, accumulate = True, False, True, False
    return tuple(_engine.run_backward(roots, grads, keep_graph, create_graph, leaves, allow_unused, accumulate))


def _sequence(tensors: torch.Tensor | Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    return (tensors,) if isinstance(tensors, torch.Tensor) else tuple(tensors)


class Guard:
    """Watches calls. Make one before learner code is imported; it lasts for the process."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._leaf = torch.zeros((), requires_grad=True)
        self._root = self._leaf * 1
        self._root.register_hook(lambda _: self._numbers.append(torch._C._current_graph_task_id()))  # type: ignore[no-untyped-call]  # not annotated by torch
        self._one = torch.ones(())
        self._rules: dict[object, tuple[dict[str, str], _Bodies]] = {}

    @contextmanager
    def watch(self, forbidden: dict[str, Any]) -> Iterator[list[str]]:
        """Inside, the forbidden things that are used are added to the list, each once, in order of first use.

        forbidden: {"operations": [aten base names], "functions": [dotted names in torch], "python": [dotted names of
        Python functions and, for their constructors, of classes], "engine": bool}. A key may be missing, and so may a
        name in this version of torch. A run of the engine is known, and added, when the block ends.
        """
        used: list[str] = []
        engine = bool(forbidden.get("engine"))
        operations, bodies = self._prepared(forbidden, engine)
        before = self._runs() if engine else 0
        try:
            with ExitStack() as stack:
                if operations:
                    stack.enter_context(_operations.noting(operations, used))
                stack.enter_context(bodies.noting(used))
                yield used
        finally:
            if engine and self._runs() - before > 1:  # 1: the run that reads the number
                used.append(ENGINE)

    def _prepared(self, forbidden: dict[str, Any], engine: bool) -> tuple[dict[str, str], _Bodies]:
        """What each operation is called, by its base name in aten, and the Python functions; made once."""
        key = tuple(tuple(forbidden.get(kind, ())) for kind in ("operations", "functions", "python"))
        if (engine, key) not in self._rules:
            operations, functions, python = key
            called = {MAKES_DUALS: FORWARD} if engine else {}
            bodies = [*python]
            for name in functions:
                function = resolve(name)
                if isinstance(function, FunctionType):
                    bodies.append(name)
                elif (operation := operation_of(function)) is not None:
                    called.setdefault(operation, name)
            called = {name: f"aten::{name}" for name in operations} | called
            _operations.know(called)
            self._rules[engine, key] = called, _Bodies(bodies)
        return self._rules[engine, key]

    def _runs(self) -> int:
        """How often the engine ran in this process so far, apart from the runs that probes asked for."""
        _engine.run_backward((self._root,), (self._one,), True, False, (self._leaf,), True, False)
        return self._numbers.pop() - _Granted.count


class _Operations:
    """Notes calls of operations of aten, in every overload. A process has one dispatcher, and one of these."""

    def __init__(self) -> None:
        self._called: dict[str, str] = {}  # base name -> what it is called
        self._used: list[str] = []
        self._key = torch._C._dispatch_key_parse(KEY)
        self._known: set[str] = set()
        self._others = Library("_", "IMPL")  # type: ignore[no-untyped-call]  # not annotated by torch
        self._others.fallback(fallthrough_kernel, KEY)  # type: ignore[no-untyped-call]  # not annotated by torch
        self._library = Library("aten", "IMPL")  # type: ignore[no-untyped-call]  # not annotated by torch

    def know(self, names: Iterable[str]) -> None:
        """Put our kernels before those of these operations, as far as this version of torch has them."""
        for name in names:
            packet = getattr(torch.ops.aten, name, None)
            if packet is not None and name not in self._known:
                self._known.add(name)
                for overload in packet.overloads():
                    operation = getattr(packet, overload)
                    self._library.impl(operation, self._kernel(name, operation), KEY)  # type: ignore[no-untyped-call]  # not annotated by torch

    def _kernel(self, name: str, operation: Any) -> Any:
        key = torch._C.DispatchKeySet(self._key)

        def note_and_call(*args: Any, **kwargs: Any) -> Any:
            called = self._called.get(name)
            if called is not None and called not in self._used:
                self._used.append(called)
            with torch._C._ExcludeDispatchKeyGuard(key):  # what it is made of is its own matter
                return operation(*args, **kwargs)

        return note_and_call

    @contextmanager
    def noting(self, called: dict[str, str], used: list[str]) -> Iterator[None]:
        self._called, self._used = called, used
        with torch._C._IncludeDispatchKeyGuard(self._key):
            yield


_operations = _Operations()


def operation_of(function: Any) -> str | None:
    """The base name of the aten operation that a function of torch is, None for a function written in Python."""
    if isinstance(function, torch._ops.OpOverloadPacket):
        return str(function.__name__)
    name = getattr(function, "__name__", "")
    return name if isinstance(function, BuiltinFunctionType) and hasattr(torch.ops.aten, name) else None


class _Bodies:
    """Gives Python functions, and the constructors of classes, a body that notes the call, for the time of a block.

    The code of the function is exchanged, not the name in its module: a reference taken before or within the block, an
    alias or `super().__init__` leads to the same function object.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._used: list[str] = []
        self._codes: list[tuple[FunctionType, CodeType, CodeType]] = []  # function, its own code, the noting one
        for name in names:
            found = resolve(name)
            function = vars(found).get("__init__") if isinstance(found, type) else found
            if isinstance(function, FunctionType) and all(function is not known for known, _, _ in self._codes):
                self._codes.append((function, function.__code__, self._noting_code(function, name)))

    @contextmanager
    def noting(self, used: list[str]) -> Iterator[None]:
        self._used = used
        try:
            for function, _, noting in self._codes:
                function.__code__ = noting
            yield
        finally:
            for function, own, _ in self._codes:
                function.__code__ = own

    def _noting_code(self, function: FunctionType, name: str) -> CodeType:
        """The code of `_body`, with a hook for its constant; a function takes code of as many free variables only."""
        own = FunctionType(
            function.__code__, function.__globals__, function.__name__, function.__defaults__, function.__closure__
        )
        own.__kwdefaults__ = function.__kwdefaults__

        def hook(*args: Any, **kwargs: Any) -> Any:
            if name not in self._used:
                self._used.append(name)
            return own(*args, **kwargs)

        code = _body.__code__
        constants = tuple(hook if constant is ... else constant for constant in code.co_consts)
        return code.replace(co_consts=constants, co_freevars=function.__code__.co_freevars)


def _body(*args: Any, **kwargs: Any) -> Any:
    hook: Any = ...
    return hook(*args, **kwargs)


def resolve(name: str) -> Any:
    """The object called `torch.a.b`, or None: this version of torch has none."""
    found: Any = torch
    parts = name.split(".")
    for i, part in enumerate(parts[1:], 2):
        module = sys.modules.get(".".join(parts[:i]))  # torch.optim deletes the names of its modules
        found = getattr(found, part, module)
    return found
