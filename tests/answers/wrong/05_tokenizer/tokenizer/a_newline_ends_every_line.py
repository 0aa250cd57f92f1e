"""The last character of every line is its newline.

caught by: test_both_kinds_of_line_endings
reads: always the end of the line
"""


def load_docs(path):
    with Path(path).open(encoding="utf-8") as file:
        lines = [line[:-1].strip() for line in file]
    return [line for line in lines if line]
