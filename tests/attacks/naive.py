"""A grader of the usual kind, for controls: it runs beside the hand-in, in one process, and believes what it sees."""

from __future__ import annotations

import math


def passes() -> bool:
    """Whether softmax.softmax gets its marks from an ordinary test: right length, right values, sum 1."""
    import softmax

    found = softmax.softmax([0.0, math.log(3.0)])
    try:
        assert len(found) == 2
        assert found[0] == 0.25
        assert found[1] == 0.75
        assert abs(sum(found) - 1) < 1e-9
    except AssertionError:
        return False
    return True
