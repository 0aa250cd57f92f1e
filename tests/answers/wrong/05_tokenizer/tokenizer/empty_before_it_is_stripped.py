"""A line is empty when nothing at all stands between two newlines.

caught by: test_white_space_and_empty_lines
reads: what is asked first
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        lines = file.read().split("\n")
    return [line.strip() for line in lines if line]
