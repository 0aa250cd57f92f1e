"""root.backward() does what is asked for.

caught by: test_gradients_along_one_path
reads: torch's own backward
"""


def backward(root):
    root.backward(retain_graph=True)
