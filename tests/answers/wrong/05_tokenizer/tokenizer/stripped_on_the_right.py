"""What has to go from a line is at its end.

caught by: test_white_space_and_empty_lines
reads: before a name go as well
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    return [line for line in lines if line]
