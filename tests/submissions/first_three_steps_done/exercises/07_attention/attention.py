"""Step 07: attention, where a position looks back at the ones before it.

Each position makes three vectors from its x: a query (what am I looking for?), a key (what do I offer?) and a value
(what do I hand over?). For one head of d numbers, the newest position weighs all positions s so far by how well their
keys answer its query, and takes the average of their values by these weights:

    a_s = softmax over s of (q . k_s / sqrt(d))            out = sum_s a_s v_s

Queries and keys of d random numbers of size 1 have a dot product of size sqrt(d); dividing by it keeps the softmax from
settling on one position from the start. Several heads do this side by side, each on its own slice of the vectors.
"""

from layers import linear
from softmax import softmax
from value import Value


def attention(
    x: list[Value],
    keys: list[list[Value]],
    values: list[list[Value]],
    wq: list[list[Value]],
    wk: list[list[Value]],
    wv: list[list[Value]],
    wo: list[list[Value]],
    n_head: int = 4,
) -> list[Value]:
    """Causal multi-head self-attention for the newest position, x: C Values in, C Values out.

    keys, values:  those of the earlier positions, C Values each; this position's are appended (to the caller's lists)
    wq ... wo:     (C, C) matrices
    n_head:        head h works on the numbers h*d to (h+1)*d - 1 of the query, the keys and the values, where
                   d = C / n_head. Their outputs are joined in order, and `wo` mixes them.

    ValueError: C is not divisible by n_head; nothing is appended then.
    """
    raise NotImplementedError("07_attention: write attention() in attention.py")
