"""The names of the matrices are known, so they can be written down.

caught by: test_parameters
reads: nothing of layer1
"""


def parameters(state):
    names = ["wte", "wpe", "lm_head"]
    names += [f"layer0.{name}" for name in ("attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2")]
    return [value for name in names for row in state[name] for value in row]
