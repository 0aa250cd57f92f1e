"""Random states for the torch probes of steps 06 to 10: the numbers of kit_gpt, as tensors.

Untrusted side: runs in the worker, beside the learner's modules. Imports torch, kit_gpt and the standard library only.
`sizes` is what kit_gpt takes, with one more key that may be missing:

    "scale": {"attn_wo": 0.0}     every matrix whose name ends in attn_wo is multiplied by 0
"""

from __future__ import annotations

import math
from typing import Any

import kit_gpt
import torch
from torch import Tensor


def state(sizes: dict[str, Any], dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """A state of fresh leaf tensors that require gradients."""
    numbers, scale = kit_gpt.state(sizes), sizes.get("scale", {})
    for name in numbers if scale else ():
        factor = math.prod(factor for ending, factor in scale.items() if name.endswith(ending))
        numbers[name] = [[number * factor for number in row] for row in numbers[name]]
    return {name: torch.tensor(matrix, dtype=dtype, requires_grad=True) for name, matrix in numbers.items()}
