"""What the torch probes share: making tensors from plain data, and reading them without trusting their types.

Untrusted side: runs in the worker, beside the learner's modules. Imports torch and the standard library only. It holds
no expected value: a probe observes, a check decides. Probes import it before any learner module, so that the settings
which it notes are those of an untouched process.

A tensor travels as {"dtype": "float64", "shape": [2, 3], "values": [6 numbers]}, row by row.
"""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch import Tensor


class WrongAnswer(Exception):
    """Learner code gave a thing of the wrong kind. The learner reads the text, so it holds no expected number."""


def kind(thing: object) -> str:
    """What `thing` is, for a sentence: `a tuple`, `an int`, `None`."""
    if thing is None:
        return "None"
    name = type(thing).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def build(given: dict[str, Any], grad: bool = False) -> Tensor:
    """A fresh leaf. With "layout": "strided" in `given` its elements do not lie side by side in memory."""
    dtype, shape = getattr(torch, given["dtype"]), given["shape"]
    made = torch.tensor(given["values"], dtype=dtype).reshape(shape)
    if given.get("layout") == "strided" and shape:
        made = made.repeat_interleave(2, dim=-1).transpose(0, -1).contiguous().transpose(0, -1)[..., ::2]
    return made.requires_grad_(grad)


def tensor(thing: Any, what: str) -> Tensor:
    """`thing`, which must be a tensor: exactly, as a subclass can answer what it likes."""
    if type(thing) is not Tensor and type(thing) is not torch.nn.Parameter:
        raise WrongAnswer(f"{what} is {kind(thing)}; a tensor belongs there")
    return thing


def plain(thing: Any, what: str) -> dict[str, Any]:
    """A tensor as plain data."""
    found = tensor(thing, what).detach()
    numbers = found.to(torch.float64).reshape(-1).tolist()
    return {"dtype": str(found.dtype).removeprefix("torch."), "shape": list(found.shape), "values": numbers}


def settings() -> dict[str, Any]:
    """What is global in a process that computes with torch, and must be left as it is."""
    return {
        "the default dtype": str(torch.get_default_dtype()),
        "the default device": str(torch.get_default_device()),
        "whether gradients are recorded": torch.is_grad_enabled(),
        "whether anomalies are detected": torch.is_anomaly_enabled(),
        "whether inference mode is on": torch.is_inference_mode_enabled(),
        "the number of threads": torch.get_num_threads(),
        "whether algorithms are deterministic": torch.are_deterministic_algorithms_enabled(),
        "the precision of float32 products": torch.get_float32_matmul_precision(),
        "the state of torch's random generator": torch.get_rng_state().tolist(),
        "Python's recursion limit": sys.getrecursionlimit(),
    }


def changed() -> list[str]:
    """The names of the settings that are not as they were when this process started."""
    now = settings()
    return [name for name, value in AT_START.items() if now[name] != value]


AT_START = settings()
